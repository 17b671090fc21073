"""kpi_practice/release.py: another release, other ETags."""

import pytest

from kpi_practice.release import digest


@pytest.fixture
def site(tmp_path):
    for name in ("funnel/access.py", "templates/base.html", "static/js/a.js", "requirements.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    return tmp_path


def test_the_same_sources_are_the_same_release(site):
    assert digest(site) == digest(site)


@pytest.mark.parametrize(
    "name", ["funnel/access.py", "templates/base.html", "static/js/a.js", "requirements.txt"]
)
def test_a_changed_source_is_another(site, name):
    before = digest(site)
    (site / name).write_text("two")
    assert digest(site) != before


def test_a_moved_one_too_and_what_is_no_source_not(site):
    before = digest(site)
    (site / "funnel/access.pyc").write_text("compiled")
    assert digest(site) == before
    (site / "templates/base.html").rename(site / "templates/other.html")
    assert digest(site) != before

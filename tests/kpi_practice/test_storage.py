import json

import pytest

from kpi_practice.storage import HashedStaticFilesStorage


@pytest.fixture
def storage(tmp_path):
    manifest = {"version": "1.1", "hash": "", "paths": {"css/app.css": "css/app.0123.css"}}
    (tmp_path / "staticfiles.json").write_text(json.dumps(manifest), encoding="utf-8")
    return HashedStaticFilesStorage(location=str(tmp_path), base_url="/static/")


def test_an_address_names_the_content_and_is_worked_out_once(storage):
    assert storage.url("css/app.css") == "/static/css/app.0123.css"
    storage.hashed_files.clear()
    assert storage.url("css/app.css") == "/static/css/app.0123.css"


def test_a_file_that_was_not_collected_is_refused(storage):
    with pytest.raises(ValueError, match=r"css/other\.css"):
        storage.url("css/other.css")

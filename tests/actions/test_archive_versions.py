"""actions/archive_versions.py: archives that earlier releases made."""

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command

from funnel.actions import kpis
from funnel.actions.archive_kinds import SINCE
from funnel.domain.weeks import Week
from funnel.models import Baseline, KPIGroup, Place, Practice
from funnel.sheets import archive
from tests.actions.moving import everything, packed, restored
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, make_kpi, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


OLD_KPI = {"stage": None, "order": 0, "group": None}


def old(rows):
    """The rows as version 1 of the format had them."""
    kpis = {row["slug"]: row for row in rows["kpis"]}
    for place in rows["places"]:
        kpis[place["kpi"]] |= {
            "stage": place["position"] if place["is_stage"] else None,
            "order": 9 - place["position"],
            "group": place["group"],
        }
    for row in (*rows["kpis"], *rows["kpis-history"]):
        for name, value in OLD_KPI.items():
            row.setdefault(name, value)
    for row in (*rows["practice"], *rows["practice-history"]):
        row["value_per_patient"] = "3200.00"
    frozen = {"frozen_week": "2026-02-09", "mean": 82.4, "mean_range": 11.2}
    unset = {"from_week": None, "reason": "", "begun_at": None, "begun_by": None}
    set_by_manager = {
        "from_week": "2026-06-01",
        "reason": "New phones",
        "begun_at": "2026-06-02T09:00:00.000000+00:00",
        "begun_by": "ana@lumina.example",
    }
    nothing = dict.fromkeys(frozen)
    rows["baselines"] = [
        {"kpi": "leads", **unset, **frozen},
        {"kpi": "leads", **set_by_manager, **nothing},
    ]
    return {name: found for name, found in rows.items() if name not in SINCE}


def funnel_of(practice):
    places = Place.objects.filter(lineup__practice=practice, lineup__from_week=BEGAN)
    return list(
        places.values_list("kpi__slug", "position", "is_stage", "group__name", "role__name")
    )


def test_an_archive_of_the_format_before_holds_from_the_first_week_on():
    cast = make_cast()
    money, fame = (
        KPIGroup.objects.create(practice=cast.practice, name=name, order=order)
        for order, name in enumerate(("Money", "Fame"), start=1)
    )
    # In the old order: within a group by the later position.
    for name, group in (("Rating", fame), ("Fees", money), ("Spend", money), ("Calls", None)):
        make_kpi(cast.practice, name, group=group)
    gone = make_kpi(cast.practice, "Gone")
    kpis.archive(by=seat_for(cast.admin), kpi=gone, today=TODAY, from_week=Week.of(BEGAN))
    rows = old(packed(cast.practice))
    two = restored(rows, version=1, slug="two").practice
    assert funnel_of(two) == [
        ("leads", 1, True, None, "Marketing"),
        ("appointments", 2, True, None, "Front desk"),
        ("patients-acquired", 3, True, None, "Patient coordinator"),
        ("spend", 4, False, "Money", "Management"),
        ("fees", 5, False, "Money", "Management"),
        ("rating", 6, False, "Fame", "Management"),
        ("calls", 7, False, None, "Management"),
    ]
    value = two.patient_values.get()
    assert (value.from_week, value.value, value.set_by) == (BEGAN, 3200, None)
    assert two.lineups.get().from_week == BEGAN
    baseline = Baseline.objects.get(kpi__practice=two)
    assert (baseline.from_week, baseline.ended_week) == (date(2026, 6, 1), None)
    assert two.kpis.get(slug="gone").is_archived
    assert packed(two)["kpis-history"] == packed(cast.practice)["kpis-history"]


def test_without_a_value_none_is_made():
    cast = make_cast()
    rows = old(packed(cast.practice))
    rows["practice"][0]["value_per_patient"] = None
    assert not restored(rows, version=1, slug="two").practice.patient_values.exists()


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [("kpis", "stage", "1"), ("groups", "order", "x"), ("practice", "began_on", 7)],
)
def test_what_the_format_never_held_is_refused(kind, name, value):
    cast = make_cast()
    KPIGroup.objects.create(practice=cast.practice, name="Money")
    rows = old(packed(cast.practice))
    rows[kind][0][name] = value
    before = everything()
    with pytest.raises(ValidationError):
        restored(rows, version=1, slug="two")
    assert everything() == before


def test_the_command_reads_a_file_of_the_format_before(tmp_path, monkeypatch):
    cast = make_cast()
    rows = old(packed(cast.practice))
    file = tmp_path / "old.zip"
    monkeypatch.setattr(archive, "VERSION", 1)
    with file.open("wb") as opened:
        members = ((name, iter(found)) for name, found in rows.items())
        archive.write(opened, members, practice="lumina", made_at="2026-11-24T15:00:00+00:00")
    monkeypatch.undo()
    call_command("import_practice", file, slug="two", stdout=StringIO())
    assert funnel_of(Practice.objects.get(slug="two"))[0][0] == "leads"

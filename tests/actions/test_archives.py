"""actions/archives.py and its parts: a practice as rows, and the same practice from them."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.data import fill
from bench.shapes import Shape
from funnel.actions import (
    archives,
    baselines,
    importing,
    kpis,
    not_brought,
    ownership,
    patient_values,
)
from funnel.actions.archive_kinds import SINCE
from funnel.domain.weeks import Week
from funnel.models import (
    KPI,
    ApiToken,
    Baseline,
    Import,
    Ownership,
    Place,
    Practice,
    Reminder,
    Screen,
    Staff,
    User,
    WeeklyEntry,
)
from funnel.reports.board.board import build_board
from funnel.reports.history.history import build_history
from funnel.reports.meeting.recap import build_recap
from tests.actions.moving import everything, packed, restored
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_import,
    make_kpi,
    make_ownership,
    make_screen,
    make_short_week,
    make_staff,
    make_target,
    make_token,
    root_seat,
    seat_for,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db

SMALL = Shape("small", 1, stages=3, others=0, weeks=13)
LARGE = Shape("large", 1, stages=5, others=10, weeks=520)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def lumina():
    """The demo's practice, with what it lacks: a number not brought, a deleted ownership in the
    history, a person without a membership, a screen."""
    call_command("demo", stdout=StringIO(), today=TODAY, weeks=30)
    practice = Practice.objects.get(slug="lumina")
    manager = Staff.objects.get(practice=practice, name="Ana")
    patients = practice.kpis.get(slug="patients-acquired")
    not_brought.mark(by=seat_for(manager), week=WEEK, kpi=patients, is_missing=True, today=TODAY)
    rating = practice.kpis.get(slug="google-rating")
    ada = Staff.objects.get(practice=practice, name="Ada")
    make_ownership(rating, ada, TODAY + timedelta(days=7))
    ownership.release(by=root_seat(practice), kpi=rating, today=TODAY)
    make_entry(rating, Decimal("4.75"), note='Ändert "sich" \\u0000 =1+1', version=1)
    baselines.begin(
        by=seat_for(manager), kpi=rating, from_week=WEEK, reason="New phones", today=TODAY
    )
    make_screen(practice)
    make_token(manager)
    for value in (91, 92):
        # The second stays a draft.
        draft = make_import(manager, ["Week", "KPI", "Value"], [str(WEEK), "Leads", value])
        if value == 91:
            list(importing.apply(by=seat_for(manager), draft=draft, leaves_out=False, today=TODAY))
    Reminder.objects.create(
        staff=ada, week=WEEK.monday, kind="first", mailed=datetime(2026, 11, 22, 14, tzinfo=UTC)
    )
    return practice


# What goes


def test_every_kind_of_row_is_there(lumina):
    rows = packed(lumina)
    assert list(rows) == [*archives.NAMES[1:], "users"]
    assert [name for name, found in rows.items() if not found] == []


def test_rows_say_what_people_say_and_no_number_of_the_database(lumina):
    rows = packed(lumina)
    entry = next(row for row in rows["entries"] if row["kpi"] == "google-rating" and row["note"])
    assert entry["value"] == "4.75"
    assert entry["week"] == "2026-11-16"
    assert entry["entered_by"] == "root@example.com"
    assert entry["entered_at"] == "2026-11-24T15:00:00.000000+00:00"
    assert "id" not in entry
    assert "practice" not in entry
    kpis = {row["slug"]: row for row in rows["kpis"]}
    assert (kpis["cost-per-lead"]["source"], kpis["cost-per-lead"]["divisor"]) == (
        "marketing-spend",
        "leads",
    )
    assert all(row["meeting"] in {m["week"] for m in rows["meetings"]} for row in rows["notes"])


def test_no_secret_and_nobody_elses_row_leaves(lumina):
    text = json.dumps(packed(lumina))
    for user in User.objects.all():
        assert user.password not in text
    for secret in (*Screen.objects.all(), *ApiToken.objects.all()):
        assert secret.token_hash not in text
        assert secret.token_start not in text
    for word in ("password", "is_superuser", "harbor", "Harbor"):
        assert word not in text


# What comes back


def test_the_practice_is_back_in_every_row(lumina):
    before = packed(lumina)
    result = restored(before, slug="two")
    assert result.new_users == ()
    after = packed(result.practice)
    assert after["practice"] == [{**before["practice"][0], "slug": "two"}]
    for name in archives.NAMES:
        if name != "practice":
            assert after[name] == before[name], name
    assert result.rows == sum(len(rows) for rows in before.values())
    assert packed(lumina) == before


def board_of(practice, week):
    """The board as text, with each owner by address: ids change."""
    people = dict(practice.staff.values_list("pk", "user__email"))
    text = str(build_board(practice, week, today=TODAY))
    return re.sub(r"owner_id=(\d+)", lambda found: people[int(found[1])], text)


def test_the_practice_says_the_same_on_its_pages(lumina):
    two = restored(packed(lumina), slug="two").practice
    for week in (WEEK, WEEK.plus(-3)):
        ours, theirs = (board_of(practice, week) for practice in (lumina, two))
        assert len(ours) > 1000
        assert theirs.replace("two", "lumina") == ours.replace("two", "lumina")
    for slug in ("leads", "cost-per-lead", "google-rating"):
        ours, theirs = (build_history(practice, slug, today=TODAY) for practice in (lumina, two))
        assert (theirs.points, theirs.entries, theirs.changes) == (
            ours.points,
            ours.entries,
            ours.changes,
        )
    ours, theirs = (str(build_recap(practice, WEEK.plus(-3))) for practice in (lumina, two))
    assert len(ours) > 1000
    assert theirs.replace("two", "lumina") == ours.replace("two", "lumina")


def test_people_are_found_by_their_address_or_made_without_a_password():
    cast = make_cast()
    rows = packed(cast.practice)
    rows["users"].append(
        {"email": "new@lumina.example", "is_active": True, "joined_at": "2024-01-01T00:00:00+00:00"}
    )
    rows["users"].append(
        {"email": "gone@lumina.example", "is_active": False, "joined_at": "2024-01-01T00:00:00Z"}
    )
    people = {row["name"]: row for row in rows["staff"]}
    people["Vic"]["user"] = "new@lumina.example"
    people["Sam"]["is_active"] = False
    kept = dict(User.objects.values_list("email", "password"))
    result = restored(rows, slug="two")
    assert result.new_users == ("new@lumina.example",)
    assert result.known_users == (
        ("ada@lumina.example", "admin"),
        ("ana@lumina.example", "manager"),
        ("dana@lumina.example", "member"),
        ("lee@lumina.example", "member"),
        ("maya@lumina.example", "member"),
        ("tom@lumina.example", "member"),
    )
    assert not User.objects.get(email="gone@lumina.example").is_active
    new = User.objects.get(email="new@lumina.example")
    assert not new.has_usable_password()
    assert not new.is_superuser
    assert result.practice.staff.filter(user=new).exists()
    assert {e: p for e, p in User.objects.values_list("email", "password") if e in kept} == kept


def test_work_goes_on_with_numbers_of_its_own():
    """Whatever is saved next gets a number of its own, on both databases."""
    cast = make_cast()
    make_entry(cast.leads, 90, WEEK.previous)
    two = restored(packed(cast.practice), slug="two").practice
    leads = two.kpis.get(slug="leads")
    entry = make_entry(leads, 100)
    make_target(leads, 90)
    person = make_staff(two, "Nora", "Marketing")
    make_ownership(leads, person, TODAY)
    make_kpi(two, "Calls")
    assert WeeklyEntry.history.filter(id=entry.pk).count() == 1
    assert two.kpis.count() == 4
    assert cast.practice.kpis.count() == 3


def test_an_import_that_was_written_comes_back_and_can_be_undone(lumina):
    two = restored(packed(lumina), slug="two").practice
    written = Import.objects.done()
    done, ours = written.get(practice=two), written.get(practice=lumina)
    assert (done.planned(), done.written) == (ours.planned(), 1)
    leads = WeeklyEntry.objects.filter(practice__in=[lumina, two], kpi__slug="leads")
    numbers = leads.filter(week=WEEK.monday)
    assert {entry.value for entry in numbers} == {91}
    list(importing.undo(by=seat_for(two.staff.get(name="Ana")), done=done, today=TODAY))
    assert numbers.get(practice=lumina).value == 91
    assert numbers.get(practice=two).value != 91
    assert not Import.objects.drafts().filter(practice=two).exists()


def test_the_history_of_what_is_gone_stays_that_of_one_row(lumina):
    kpi = lumina.kpis.get(slug="google-rating")
    two = restored(packed(lumina), slug="two").practice
    three = restored(packed(lumina), slug="three").practice
    gone = {}
    for practice in (lumina, two, three):
        live = set(Ownership.objects.filter(kpi__practice=practice).values_list("pk", flat=True))
        history = Ownership.history.filter(kpi__practice=practice, kpi__slug=kpi.slug)
        told = [(row.id, row.history_type) for row in history.order_by("history_id")]
        gone[practice.slug] = {pk for pk, _ in told} - live
        kinds = [kind for pk, kind in told if pk not in live]
        assert kinds == ["+", "-"], practice.slug
    assert len(set.union(*gone.values())) == 3
    assert all(pk < 0 for slug in ("two", "three") for pk in gone[slug])


def test_a_calculated_number_that_is_older_than_what_tells_it_comes_back():
    cast = make_cast()
    ratio = make_kpi(cast.practice, "Share", unit="percent")
    calls = make_kpi(cast.practice, "Calls")
    KPI.objects.filter(pk=ratio.pk).update(
        calculation="ratio",
        source=calls,
        divisor=cast.leads,
    )
    two = restored(packed(cast.practice), slug="two").practice
    share = two.kpis.get(slug="share")
    assert (share.source.slug, share.source.practice_id) == ("calls", two.pk)
    assert (share.divisor.slug, share.divisor.practice_id) == ("leads", two.pk)
    assert list(two.kpis.values_list("slug", flat=True)) == list(
        cast.practice.kpis.values_list("slug", flat=True)
    )


def test_a_dry_run_tells_and_leaves_nothing():
    cast = make_cast()
    rows = packed(cast.practice)
    before = everything()
    result = restored(rows, slug="two", dry_run=True)
    assert result.rows > 30
    assert ("ada@lumina.example", "admin") in result.known_users
    assert everything() == before


# Cost


def test_ten_years_take_as_many_statements_to_pack_as_a_quarter():
    fill((SMALL, LARGE), Week.running(TODAY))
    counts = []
    for slug in ("small", "large"):
        practice = Practice.objects.get(slug=slug)
        with CaptureQueriesContext(connection) as captured:
            rows = sum(1 for _, rows in archives.pack(practice) for _ in rows)
        people = User.objects.filter(places__practice=practice).count()
        counts.append(len(captured) - people)
    assert rows > 2 * 520 * 15
    assert counts[0] == counts[1]


def test_the_tables_that_nothing_filled_here_come_back_too():
    """Kinds that the demo fills are compared above; these are the others' plain facts."""
    cast = make_cast()
    begun = baselines.begin(
        by=seat_for(cast.manager),
        kpi=cast.leads,
        from_week=WEEK.plus(-9),
        reason="New phones",
        today=TODAY,
    )
    baselines.end(by=seat_for(cast.manager), kpi=cast.leads, today=TODAY)
    two = restored(packed(cast.practice), slug="two").practice
    begun.refresh_from_db()
    (baseline,) = Baseline.objects.filter(kpi__practice=two)
    columns = ("from_week", "reason", "begun_at", "begun_by", "ended_week", "ended_at", "ended_by")
    assert [getattr(baseline, name) for name in columns] == [
        getattr(begun, name) for name in columns
    ]


def test_a_changed_funnel_and_a_short_week_come_back_with_their_history():
    cast = make_cast()
    seat = seat_for(cast.admin)
    make_kpi(cast.practice, "Attended", "Front desk", stage=3, from_week=WEEK)
    kpis.archive(by=seat, kpi=cast.leads, today=TODAY)
    make_short_week(cast.practice)
    patient_values.set_from(by=seat, value=None, today=TODAY)
    before = packed(cast.practice)
    two = restored(before, slug="two").practice
    after = packed(two)
    for name in SINCE:
        assert before[name] == after[name], name
        assert before[name], name
    places = Place.objects.in_force(WEEK.next.monday).filter(lineup__practice=two)
    assert [place.kpi.slug for place in places] == ["appointments", "attended", "patients-acquired"]

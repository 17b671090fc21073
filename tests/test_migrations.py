"""The migrations: in step with the models, and reversible."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import time_machine
from django.apps import apps as django_apps
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations
from django.db.migrations.loader import MigrationLoader

from funnel.access import authenticate_calendar, authenticate_screen, authenticate_token
from funnel.migrations._rules import AddRules, DropRules, SharedPractice
from funnel.models import (
    KPI,
    ApiToken,
    CalendarFeed,
    Meeting,
    Message,
    PatientValue,
    Place,
    Practice,
    PracticeVersion,
    Role,
    Screen,
    StandIn,
    Webhook,
    WeeklyEntry,
)
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    make_calendar,
    make_entry,
    make_practice,
    make_screen,
    make_staff,
    make_stand_in,
    make_token,
    make_webhook,
)
from tests.models.catalog import stored_rules

OURS = {"funnel", "kpi_practice"}


@pytest.mark.django_db
def test_the_models_need_no_further_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_step_written_by_hand_reverses():
    steps = [
        operation
        for (app, _), migration in MigrationLoader(None).disk_migrations.items()
        if app in OURS
        for operation in migration.operations
        if isinstance(operation, migrations.RunPython | migrations.RunSQL)
    ]
    assert steps
    assert all(step.reversible for step in steps)


def stored():
    """What Harbor had before it held meetings, as rows."""
    models = (Role, KPI, Meeting, WeeklyEntry)
    rows = [
        model.objects.filter(practice__slug="harbor").order_by("pk").values() for model in models
    ]
    return [list(found) for found in (Practice.objects.filter(slug="harbor").values(), *rows)]


@pytest.mark.django_db(transaction=True)
def test_a_rule_is_not_added_over_rows_that_break_it():
    """Its triggers look at what is written from now on only."""
    rule = SharedPractice(
        "funnel_standin",
        *("kpi_id", "funnel_kpi"),
        *("staff_id", "funnel_staff"),
        "funnel_standin_of_practice",
    )
    kpi = make_practice("lumina").kpis.get(slug="leads")
    maya = make_staff(kpi.practice, "Maya")
    hal = make_staff(make_practice("harbor"), "Hal")
    make_stand_in(kpi, maya, TODAY, TODAY)
    wrong = make_stand_in(kpi, maya, TODAY, TODAY)
    rules = stored_rules()
    run(DropRules(rule))
    try:
        assert stored_rules() == rules - {rule.name}
        StandIn.objects.filter(pk=wrong.pk).update(staff=hal)
        with pytest.raises(IntegrityError) as refused:
            run(AddRules(rule))
        assert str(refused.value) == (
            "1 row(s) of funnel_standin break funnel_standin_of_practice, the first with the id "
            f"{wrong.pk}. Correct them, then migrate again."
        )
        assert stored_rules() == rules - {rule.name}
    finally:
        StandIn.objects.filter(pk=wrong.pk).update(staff=maya)
        run(AddRules(rule))
    assert stored_rules() == rules


@pytest.mark.django_db(transaction=True)
def test_a_secret_of_the_release_before_opens_what_it_did():
    cast = make_cast()
    now = datetime.combine(TODAY, time(15), UTC)
    screen, address = make_screen(cast.practice)
    token, text = make_token(cast.owner)
    feed = make_calendar(cast.owner)
    make_webhook(cast.admin)
    Screen.objects.update(last_used=now)
    models = (Screen, ApiToken, CalendarFeed, Webhook)
    before = [list(model.objects.values()) for model in models]
    call_command("migrate", "funnel", "0015", verbosity=0)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(last_seen) FROM funnel_screen")
            assert cursor.fetchone() == (1,)
    finally:
        call_command("migrate", "funnel", verbosity=0)
    assert [list(model.objects.values()) for model in models] == before
    assert authenticate_screen(address, now) == screen
    assert authenticate_calendar(feed, now).staff == cast.owner
    assert authenticate_token(text, now).token == token


def run(operation):
    with connection.schema_editor() as editor:
        operation.database_forwards("funnel", editor, None, None)


@pytest.mark.django_db(transaction=True)
def test_the_rules_can_be_read_as_sql(capsys):
    rules = stored_rules()
    call_command("sqlmigrate", "funnel", "0007")
    out = capsys.readouterr().out
    assert " TRIGGER funnel_standin_of_practice" in out
    assert "cannot be written as SQL" not in out.lower()
    assert stored_rules() == rules


BEFORE = "0006_yet_more_postgresql_rules"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONDAYS = [date(2026, 11, day) for day in (2, 9, 16)]


def in_state(name):
    """The models as of that migration."""
    return MigrationLoader(connection).project_state([("funnel", name)]).apps


def fill(apps):
    """A practice of the release before, with something in every table that a change of the
    structure touches, and one beside it without KPIs, value or people."""

    def make(model, **fields):
        return apps.get_model("funnel", model).objects.create(**fields)

    ana = make("User", email="ana@lumina.example", password="x", is_superuser=True)
    practice = make(
        "Practice",
        slug="lumina",
        name="Lumina",
        began_on=date(2026, 10, 29),  # A Thursday.
        value_per_patient=Decimal("3200.50"),
        start_step=3,
    )
    make("Practice", slug="empty", name="Empty", began_on=date(2024, 1, 1))
    role = make("Role", practice=practice, name="Marketing", order=1)
    desk = make("Role", practice=practice, name="Front desk", order=2)
    maya = make("Staff", practice=practice, user=ana, name="Maya", access="admin")
    maya.roles.set([role, desk])
    late, early = (
        make("KPIGroup", practice=practice, name=name, order=order)
        for name, order in (("Money", 2), ("Care", 1))
    )

    def kpi(slug, **fields):
        given = {"role": role, "definition": f"What counts as {slug}.", **fields}
        return make("KPI", practice=practice, slug=slug, name=slug.title(), **given)

    # Made in another order than they are reviewed in.
    patients = kpi("patients", stage=30)
    leads = kpi("leads", stage=10)
    booked = kpi("booked", stage=20, role=desk)
    spend = kpi("spend", unit="money", direction="lower", group=late, order=1)
    kpi("rating", unit="decimal", group=early, order=7)
    kpi("calls", order=2)
    cost = {"calculation": "ratio", "source": spend, "divisor": leads}
    kpi("cost", unit="money", direction="lower", group=late, order=2, **cost)
    old = kpi("old", order=3, archived_at=NOON, archived_by=ana)

    for one, owner in ((leads, maya), (old, maya)):
        held = {"starts_on": MONDAYS[0], "ends_on": None if one is leads else MONDAYS[2]}
        make("Ownership", kpi=one, staff=owner, assigned_at=NOON, assigned_by=ana, **held)
    away = {"starts_on": MONDAYS[1], "ends_on": MONDAYS[2]}
    make("StandIn", kpi=booked, staff=maya, named_at=NOON, named_by=ana, **away)
    for one, value in ((leads, 100), (leads, 110), (spend, Decimal("900.25"))):
        week = MONDAYS[1] if value == 110 else MONDAYS[0]
        make("Target", kpi=one, from_week=week, value=value, set_at=NOON, set_by=ana)
    for one in (leads, booked, patients, spend, old):
        for number, week in enumerate(MONDAYS):
            entered = {"entered_at": NOON, "entered_by": ana, "note": "Two days closed"}
            fixed = {"is_corrected": True, "seen_value": 3} if one is booked else {}
            row = {"practice": practice, "kpi": one, "week": week, "value": 20 + number}
            make("WeeklyEntry", **row, **entered, **fixed)
    first = {"frozen_week": MONDAYS[2], "mean": 11.0, "mean_range": 2.0}
    make("Baseline", kpi=leads, **first)
    make("Baseline", kpi=booked)
    begun = {"from_week": MONDAYS[1], "begun_at": NOON, "begun_by": ana}
    make("Baseline", kpi=leads, reason="A second phone line", **begun)
    meeting = make("Meeting", practice=practice, week=MONDAYS[1], closed_at=NOON, closed_by=ana)
    make("Snapshot", meeting=meeting, board={"week": "2026-W46"}, taken_at=NOON, taken_by=ana)
    make("Attendance", meeting=meeting, staff=maya, marked_at=NOON, marked_by=ana)
    make("NotBrought", meeting=meeting, kpi=leads, marked_at=NOON, marked_by=ana)
    note = {"part": "numbers", "text": "Phone", "written_at": NOON, "written_by": ana}
    make("MeetingNote", meeting=meeting, kpi=leads, **note)
    promise = {"text": "Call back", "due_on": MONDAYS[2], "promised_at": NOON, "promised_by": ana}
    make("FollowUp", practice=practice, meeting=meeting, kpi=old, owner=maya, **promise)
    make("Reminder", staff=maya, week=MONDAYS[2], kind="first", mailed=NOON)
    for model, key in (("HistoricalKPI", leads), ("HistoricalPractice", practice)):
        values = {f.attname: getattr(key, f.attname) for f in key._meta.local_fields}
        values.pop("unowned_mailed_week", None)
        moment = {"history_date": NOON, "history_type": "+", "history_user": ana}
        make(model, **values, **moment)


def rows_of(apps):
    """Every row of every table of ours, by table, without the number of a history's row."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label == "funnel":
            found[model._meta.db_table] = list(model.objects.order_by("pk").values())
    return found


@pytest.mark.django_db(transaction=True)
def test_numbers_stay_on_the_way_to_the_first_release_and_from_the_one_before():
    """In one walk, because Django takes seconds to render its models at each step of it."""
    make_entry(make_practice("harbor").kpis.get(slug="leads"), 120)
    numbers = stored()
    rules = stored_rules()
    assert rules
    call_command("migrate", "funnel", "0001", verbosity=0)
    try:
        assert stored_rules() == set()
        assert "funnel_followup" not in connection.introspection.table_names()
        call_command("migrate", "funnel", "0006", verbosity=0)
        before = in_state(BEFORE)
        fill(before)
        filled = rows_of(before)
        call_command("migrate", "funnel", verbosity=0)
        assert stored_rules() == rules
        assert stored() == numbers
        check_forward(filled)
        call_command("migrate", "funnel", "0006", verbosity=0)
        check_back(filled, rows_of(before))
    finally:
        call_command("migrate", "funnel", verbosity=0)
    assert stored_rules() == rules
    assert stored() == numbers
    assert [place.kpi.slug for place in places()] == ORDER


ORDER = ["leads", "booked", "patients", "rating", "spend", "cost", "calls"]
# What is dated now, by table, and a baseline that no manager set: computed, and stored no more.
DATED = {
    "funnel_kpi": {"stage", "order", "group_id"},
    "funnel_historicalkpi": {"stage", "order", "group_id"},
    "funnel_practice": {"value_per_patient"},
    "funnel_historicalpractice": {"value_per_patient"},
    "funnel_baseline": {"frozen_week", "mean", "mean_range"},
}
# What the outbox replaced: it goes, and comes back empty.
QUEUED = {"funnel_practice": {"unowned_mailed_week"}, "funnel_meeting": {"recap_is_due"}}
RENAMED = {"funnel_delivery": "funnel_message"}


def places():
    found = Place.objects.select_related("kpi", "group", "role", "lineup").order_by("position")
    return found.filter(lineup__practice__slug="lumina")


def check_forward(filled):
    """Each row is there with each of its columns; what has no column any more has a date."""
    after = rows_of(django_apps)
    for table, rows in filled.items():
        gone = DATED.get(table, set()) | QUEUED.get(table, set())
        if table == "funnel_baseline":
            rows = [row for row in rows if row["from_week"]]
        now = after[RENAMED.get(table, table)]
        kept = [{name: row[name] for name in old} for row, old in zip_rows(now, rows)]
        assert kept == [without(row, gone) for row in rows], table
    first = date(2026, 10, 26)
    assert [(place.kpi.slug, place.is_stage) for place in places()] == [
        (slug, slug in ORDER[:3]) for slug in ORDER
    ]
    groups = {place.kpi.slug: place.group and place.group.name for place in places()}
    assert {slug: name for slug, name in groups.items() if name} == {
        "rating": "Care",
        "spend": "Money",
        "cost": "Money",
    }
    assert {place.role_id == place.kpi.role_id for place in places()} == {True}
    assert {place.lineup.from_week for place in places()} == {first}
    values = PatientValue.objects.values_list("practice__slug", "from_week", "value")
    assert list(values.exclude(practice__slug="harbor")) == [("lumina", first, Decimal("3200.50"))]
    versions = PracticeVersion.objects.order_by("practice__slug")
    assert [version.practice.slug for version in versions] == ["empty", "harbor", "lumina"]


def zip_rows(rows, olds):
    """Each row now with the names of the columns that it had and still has."""
    assert len(rows) == len(olds)
    return [
        (row, [name for name in old if name in row]) for row, old in zip(rows, olds, strict=True)
    ]


def without(row, names):
    return {name: value for name, value in row.items() if name not in names}


def check_back(filled, again):
    """Everything is as it was, but numbers of places, which are 1, 2, 3 now, their values in
    histories and in archived KPIs, and the baselines that are computed."""
    assert again.keys() == filled.keys()
    for table, rows in filled.items():
        gone = DATED.get(table, set())
        if table == "funnel_baseline":
            rows = [row for row in rows if row["from_week"]]
        assert [without(row, gone) for row in again[table]] == [without(r, gone) for r in rows], (
            table
        )
    practices = {row["slug"]: row for row in again["funnel_practice"]}
    assert practices["lumina"]["value_per_patient"] == Decimal("3200.50")
    assert practices["empty"]["value_per_patient"] is None
    of_lumina = [r for r in again["funnel_kpi"] if r["practice_id"] == practices["lumina"]["id"]]
    kpis = [row for row in of_lumina if row["archived_at"] is None]
    assert [row["slug"] for row in sorted(kpis, key=lambda row: row["order"])] == ORDER
    stages = {row["slug"]: row["stage"] for row in kpis if row["stage"]}
    assert stages == {"leads": 1, "booked": 2, "patients": 3}
    groups = {row["slug"]: row["group_id"] for row in kpis}
    was = {row["slug"]: row["group_id"] for row in filled["funnel_kpi"]}
    assert groups == {slug: was[slug] for slug in groups}


WAITING, SENT, DEAD, REVOKED = "waiting", "delivered", "dead", "cancelled"


def fill_queues(apps):
    """Of the release before the outbox: a delivery in each state, a recap that is due and one that
    is long overdue, and a practice with admins mailed this week."""

    def make(model, **fields):
        return apps.get_model("funnel", model).objects.create(**fields)

    ana = make("User", email="ana@lumina.example", password="x", is_superuser=True)
    practice = make(
        "Practice",
        slug="lumina",
        name="Lumina",
        began_on=date(2026, 10, 29),
        unowned_mailed_week=date(2026, 11, 23),
    )
    make("Staff", practice=practice, user=ana, name="Ana", access="admin", wants_recap=True)
    made = {"practice": practice, "made_at": NOON, "made_by": ana}
    on = make("Webhook", url="https://a.example/", salt="a", **made)
    off = make(
        "Webhook", url="https://b.example/", salt="b", revoked_at=NOON, revoked_by=ana, **made
    )
    for hook, key, fields in (
        (on, WAITING, {"next_try": NOON, "tries": 2}),
        (on, SENT, {"delivered": NOON, "answer": "It answered 200."}),
        (on, DEAD, {"tries": 8}),
        (off, REVOKED, {}),
    ):
        make("Delivery", webhook=hook, event="test", key=key, body="{}", queued=NOON, **fields)
    for week, closed in ((MONDAYS[2], NOON), (MONDAYS[0], NOON.replace(day=10))):
        held = {"week": week, "closed_at": closed, "closed_by": ana, "recap_is_due": True}
        make("Meeting", practice=practice, revision=3, **held)


@pytest.mark.django_db(transaction=True)
def test_what_waited_before_the_outbox_waits_in_it_and_nothing_is_sent_twice():
    before = "0015_address_change"
    call_command("migrate", "funnel", before, verbosity=0)
    try:
        fill_queues(in_state(before))
        with time_machine.travel(NOON, tick=False):
            call_command("migrate", "funnel", verbosity=0)
        calls = Message.objects.calls().order_by("pk")
        assert [(row.key.split(":")[-1], row.state) for row in calls] == [
            (state, state) for state in (WAITING, SENT, DEAD, REVOKED)
        ]
        assert (calls[0].due_at, calls[0].attempts) == (NOON, 2)
        assert calls[0].key == f"webhook:{calls[0].webhook_id}:{WAITING}"
        recap, unowned = Message.objects.mails().order_by("kind")
        held = Meeting.objects.get(week=MONDAYS[2])
        assert recap.key == f"recap:{held.pk}:3:{recap.staff_id}"
        assert (recap.state, recap.due_at, recap.body) == (
            "waiting",
            NOON,
            f'{{"meeting": {held.pk}}}',
        )
        assert (unowned.key, unowned.state) == (f"unowned:2026-W48:{recap.staff_id}", "delivered")
        call_command("migrate", "funnel", before, verbosity=0)
        again = in_state(before).get_model("funnel", "Delivery").objects.order_by("pk")
        assert [row.key for row in again] == [WAITING, SENT, DEAD, REVOKED]
        assert (again[0].next_try, again[0].tries) == (NOON, 2)
    finally:
        call_command("migrate", "funnel", verbosity=0)

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import entries, importing
from funnel.models import Import, WeeklyEntry
from funnel.views.spreadsheet_file import MEANWHILE, STEPS, UNKNOWN
from tests.cast import make_cast
from tests.factories import (
    WEEK,
    close_week,
    make_entry,
    make_import,
    make_kpi,
    stand_for,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
HEADER = ["Week", "KPI", "Value", "Note"]
WRITE = {"do": "import", "reason": "From the old sheet."}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def draft(cast):
    """Two new numbers and a changed one."""
    make_entry(cast.leads, 90)
    return make_import(
        cast.manager,
        HEADER,
        [str(WEEK.previous), "Leads", 80, ""],
        [str(WEEK), "Leads", 91, "recounted"],
        [str(WEEK), "Appointments", 27, ""],
    )


def url(imported, slug="lumina"):
    return reverse("import-file", args=[slug, imported.pk])


def words(response):
    return " ".join(response.content.decode().split())


def show(client, person, imported, **query):
    client.force_login(person.user)
    return words(client.get(url(imported), query))


def post(client, person, imported, **fields):
    client.force_login(person.user)
    return client.post(url(imported), fields)


def steps(response):
    assert response.headers["Content-Type"] == STEPS
    return [json.loads(line) for line in b"".join(response).decode().splitlines()]


def values():
    return sorted(WeeklyEntry.objects.values_list("kpi__slug", "week", "value"))


def test_shows_what_would_become_of_each_number(client, cast, draft):
    text = show(client, cast.manager, draft)
    for shown in (
        "2 new and 1 changed numbers.",
        "Read as one number a row.",
        "Import 3 numbers",
        'value="Imported from numbers.csv"',
        "Nov 16 – 22, 2026",
        "changed</span>",
        "Note: recounted",
        "Choose another file",
    ):
        assert shown in text
    assert "Leave out" not in text
    assert "closed weeks" not in text
    assert len(values()) == 1


def test_shows_why_a_number_is_refused_conflicting_or_unlikely(client, cast):
    make_entry(cast.leads, 10, WEEK.previous)
    draft = make_import(
        cast.manager,
        HEADER,
        [str(WEEK), "Leads", 90, ""],
        [str(WEEK), "Appointments", 27, ""],
        [str(WEEK), "Appointments", 28, ""],
        ["soon", "Leads", 1, ""],
    )
    text = show(client, cast.manager, draft)
    for shown in (
        "<strong>3 cannot be imported</strong>",
        "Leave out the 3 numbers that cannot be imported",
        "That is more than 3 times the usual 10 a week. Is 90 right?",
        'conflicting</span><span class="import-why">Row 4 has 28 for the same week.',
        "“soon” is not a day or week.",
    ):
        assert shown in text
    assert "Row 4 says" not in show(client, cast.manager, draft, show="refused")


def test_asks_first_and_shows_after_the_answers(client, cast):
    draft = make_import(cast.manager, ["Week", "Leads", "Walk-ins"], ["03/04/2026", 5, 6])
    text = show(client, cast.manager, draft)
    assert "What does 03/04/2026 mean?" in text
    assert "the day comes first: Apr 3, 2026" in text
    assert "Walk-ins" in text
    assert "Import" not in text.split("<main")[1]
    response = post(client, cast.manager, draft, do="answer", order="day", **{"name-0": "-"})
    assert response.url == url(draft)
    text = show(client, cast.manager, draft)
    assert "Mar 30 – Apr 5, 2026" in text
    assert "Left out: Walk-ins." in text
    assert "Apr 3, 2026 means its week: Mar 30 – Apr 5, 2026." in text


def test_an_answer_that_is_missing_is_asked_for_and_the_others_stay(client, cast):
    draft = make_import(cast.manager, ["Week", "Leads", "Walk-ins"], ["03/04/2026", 5, 6])
    response = post(client, cast.manager, draft, do="answer", order="month", **{"name-0": ""})
    text = words(response)
    assert "Choose which number “Walk-ins” is, or leave it out." in text
    assert 'value="month" class="form-check-input" id="id_order_0" checked' in text
    assert Import.objects.get().answers == {}


def test_the_questions_can_be_answered_again(client, cast):
    draft = make_import(cast.manager, ["Week", "Leads"], ["03/04/2026", 5])
    post(client, cast.manager, draft, do="answer", order="day")
    assert "Answer the questions again" in show(client, cast.manager, draft)
    post(client, cast.manager, draft, do="again")
    assert "What does 03/04/2026 mean?" in show(client, cast.manager, draft)


def test_imports_and_says_so(client, cast, draft):
    response = post(client, cast.manager, draft, **WRITE)
    assert response.url == url(draft)
    assert values() == [
        ("appointments", WEEK.monday, 27),
        ("leads", WEEK.previous.monday, 80),
        ("leads", WEEK.monday, 91),
    ]
    assert set(WeeklyEntry.objects.values_list("reason", flat=True)) == {"From the old sheet."}
    text = show(client, cast.manager, draft)
    assert "Imported</span> Nov 24, 2026, 10:00 AM: 2 new, 1 changed." in text
    assert "Undo the import of 3 numbers" in text


def test_a_second_click_and_a_reload_change_nothing(client, cast, draft):
    post(client, cast.manager, draft, **WRITE)
    before = list(WeeklyEntry.history.values_list("pk"))
    response = post(client, cast.manager, draft, **WRITE)
    assert "This import has expired. Open the page again." in words(response)
    assert list(WeeklyEntry.history.values_list("pk")) == before


def test_undoes_it_and_says_so(client, cast, draft):
    post(client, cast.manager, draft, **WRITE)
    response = post(client, cast.admin, draft, do="undo")
    assert response.url == url(draft)
    assert values() == [("leads", WEEK.monday, 90)]
    text = show(client, cast.manager, draft)
    assert "Undone</span> Nov 24, 2026, 10:00 AM." in text
    assert "Undo the import" not in text


def test_what_was_changed_since_is_not_undone_and_said(client, cast, draft):
    post(client, cast.manager, draft, **WRITE)
    make_entry(cast.leads, 99, version=2)
    response = post(client, cast.manager, draft, do="undo")
    assert "Changed since the import: Leads of Nov 16 – 22, 2026." in words(response)
    assert len(values()) == 3


def test_what_cannot_be_imported_is_left_out_knowingly(client, cast):
    draft = make_import(
        cast.manager, HEADER, [str(WEEK), "Leads", 9, ""], [str(WEEK), "Appointments", -1, ""]
    )
    response = post(client, cast.manager, draft, **WRITE)
    assert "Confirm that they are left out, or fix the file" in words(response)
    assert 'value="From the old sheet."' in words(response)
    assert values() == []
    post(client, cast.manager, draft, leaves_out="on", **WRITE)
    assert values() == [("leads", WEEK.monday, 9)]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Enter the reason why you enter these numbers for their owners."),
        ("\0", "Write it again without special characters."),
        ("x" * 201, "A reason has at most 200 characters."),
    ],
)
def test_without_a_reason_nothing_is_imported(client, cast, draft, reason, sentence):
    response = post(client, cast.manager, draft, do="import", reason=reason)
    assert sentence in words(response)
    assert len(values()) == 1


def test_closed_weeks_wait_for_a_reason(client, cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    draft = make_import(cast.manager, HEADER, [str(WEEK), "Leads", 91, ""])
    text = show(client, cast.manager, draft)
    assert "1 number of closed weeks" in text
    assert "Nothing to import: no number is new or changed" in text
    response = post(client, cast.manager, draft, do="correct", correcting="")
    assert "Enter a reason for correcting closed weeks." in words(response)
    post(client, cast.manager, draft, do="correct", correcting="Counted twice.")
    text = show(client, cast.manager, draft)
    assert "Numbers of closed weeks are corrected: Counted twice." in text
    assert "closed week</span>" in text
    post(client, cast.manager, draft, do="leave")
    assert "Nothing to import" in show(client, cast.manager, draft)
    post(client, cast.manager, draft, do="correct", correcting="Counted twice.")
    post(client, cast.manager, draft, **WRITE)
    assert values() == [("leads", WEEK.monday, 91)]
    assert "Numbers of closed weeks were corrected" in show(client, cast.manager, draft)


def save_meanwhile(cast):
    stand = stand_for(cast.marketer, "leads")
    entries.record(by=stand, week=WEEK, value=Decimal(77), version=1)


def test_what_was_saved_meanwhile_is_shown_before_anything_is_imported(client, cast, draft):
    save_meanwhile(cast)
    response = post(client, cast.manager, draft, **WRITE)
    assert response.url == f"{url(draft)}?again=1"
    assert values() == [("leads", WEEK.monday, 77)]
    text = words(client.get(response.url))
    assert MEANWHILE in text
    assert '<td class="n" data-label="now in">77</td>' in text
    assert post(client, cast.manager, draft, **WRITE).url == url(draft)
    assert len(values()) == 3


def test_a_discarded_draft_leads_to_another_file(client, cast, draft):
    response = post(client, cast.manager, draft, do="discard", next="/start/")
    assert response.url == reverse("import", args=["lumina"]) + "?next=%2Fstart%2F"
    assert not Import.objects.exists()


@pytest.mark.parametrize("do", ["", "everything", "\0"])
def test_what_nobody_offered_is_refused(client, cast, draft, do):
    assert UNKNOWN in words(post(client, cast.manager, draft, do=do))
    assert len(values()) == 1


# Step by step, as the script asks for it


def ask(client, person, imported, **fields):
    client.force_login(person.user)
    return client.post(url(imported), fields, headers={"Accept": STEPS, "Accept-Encoding": "gzip"})


def test_tells_each_step_and_where_to_go(client, cast, draft, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    response = ask(client, cast.manager, draft, **WRITE)
    assert response.headers["Content-Encoding"] == "identity"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert steps(response) == [
        {"done": 2, "of": 3},
        {"done": 3, "of": 3},
        {"next": url(draft)},
    ]
    assert len(values()) == 3
    assert steps(ask(client, cast.manager, draft, do="undo"))[-1] == {"next": url(draft)}
    assert len(values()) == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_stops_reading_has_written_nothing(client, cast, draft, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 1)
    response = ask(client, cast.manager, draft, **WRITE)
    assert json.loads(next(iter(response))) == {"done": 1, "of": 3}
    response.close()
    assert values() == [("leads", WEEK.monday, 90)]
    assert Import.objects.get().is_draft


def test_tells_a_refusal_and_what_was_saved_meanwhile(client, cast, draft):
    save_meanwhile(cast)
    assert steps(ask(client, cast.manager, draft, **WRITE)) == [{"next": f"{url(draft)}?again=1"}]
    ask_again = ask(client, cast.manager, draft, **WRITE)
    assert steps(ask_again)[-1] == {"next": url(draft)}
    assert steps(ask(client, cast.manager, draft, **WRITE)) == [
        {"refusal": "This import has expired. Open the page again."}
    ]


def test_a_form_to_be_mended_is_answered_with_the_page(client, cast, draft):
    response = ask(client, cast.manager, draft, do="import", reason="")
    assert response.headers["Content-Type"].startswith("text/html")


# Who and what


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_whoever_is_no_manager_gets_403(client, cast, draft, who):
    client.force_login(getattr(cast, who).user)
    assert client.get(url(draft)).status_code == 403
    assert post(client, getattr(cast, who), draft, **WRITE).status_code == 403
    assert len(values()) == 1


def test_a_stranger_gets_404_also_through_their_own_practice(client, cast, draft):
    client.force_login(cast.stranger.user)
    for slug in ("lumina", "harbor", "nowhere"):
        assert client.get(url(draft, slug)).status_code == 404
        assert client.post(url(draft, slug), WRITE).status_code == 404
    assert len(values()) == 1


def test_anonymous_is_asked_to_sign_in(client, cast, draft):
    for response in (client.get(url(draft)), client.post(url(draft), WRITE)):
        assert response.url.startswith(reverse("account_login"))


def test_nothing_else_than_reading_and_sending(client, cast, draft):
    client.force_login(cast.manager.user)
    assert client.put(url(draft)).status_code == 405
    assert client.head(url(draft)).status_code == 200


def test_a_draft_is_gone_after_a_day_and_what_was_imported_stays(client, cast, draft, clock):
    clock.shift(timedelta(hours=25))
    client.force_login(cast.manager.user)
    assert client.get(url(draft)).status_code == 404
    assert client.post(url(draft), WRITE).status_code == 404
    Import.objects.update(done_at=NOW, done_by=cast.manager.user)
    assert client.get(url(draft)).status_code == 200


def test_no_such_import_is_404(client, cast, draft):
    client.force_login(cast.manager.user)
    assert client.get(f"/practices/lumina/import/{draft.pk + 9}/").status_code == 404
    assert client.get(f"/practices/lumina/import/{'9' * 18}/").status_code == 404
    assert client.get(f"/practices/lumina/import/{'9' * 19}/").status_code == 404


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "9" * 30, "²"])
def test_a_page_that_is_not_there_is_the_nearest(client, cast, draft, page):
    assert "2026" in show(client, cast.manager, draft, page=page)


def test_what_a_file_says_is_text_and_never_markup(client, cast):
    draft = make_import(
        cast.manager,
        ["Week", "Leads", "<b>odd</b>"],
        ["<i>soon</i>", 5, 1],
        [str(WEEK), 5, 1],
        name="<u>n</u>.csv",
    )
    text = show(client, cast.manager, draft)
    assert "&lt;b&gt;odd&lt;/b&gt;" in text
    post(client, cast.manager, draft, do="answer", **{"name-0": "-"})
    text += show(client, cast.manager, draft)
    for tag in ("<b>", "<i>", "<u>"):
        assert tag not in text
    assert "“&lt;i&gt;soon&lt;/i&gt;” is not a day or week." in text


@pytest.mark.parametrize("many", [1, 90])
def test_four_statements_for_one_number_and_many(client, cast, django_assert_num_queries, many):
    make_kpi(cast.practice, "Rating")
    rows = [[str(week), "Leads", 5, ""] for week in WEEK.next.back(many)]
    draft = make_import(cast.manager, HEADER, *rows)
    client.force_login(cast.manager.user)
    with django_assert_num_queries(4):
        client.get(url(draft))

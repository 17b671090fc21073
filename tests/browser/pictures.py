"""Takes the pages' pictures into screenshots/.

Not tests, but run as such by screenshots.py: they need the live server, the day, the practices.
"""

from pathlib import Path

import pytest
from django.core.management import call_command

from funnel.actions import addresses, practices, staff
from funnel.models import AddressChange, Practice, Staff
from tests.browser.looking import DRAWN
from tests.factories import (
    WEEK,
    answer_start,
    link_for,
    make_entry,
    make_kpi,
    make_screen,
    make_start,
    make_superuser,
    make_target,
    make_token,
    make_told_webhook,
    root_seat,
)

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

FOLDER = Path(__file__).resolve().parents[2] / "screenshots"
WIDTHS = {360: 740, 1024: 768, 1280: 720, 1920: 1080}
SCHEMES = ("light", "dark")

MEETING = "/practices/lumina/meeting/2026-W47/"

# Name, who looks, and what at.
SHOTS = [
    ("login", None, "/accounts/login/"),
    ("reset", None, "/accounts/password/reset/"),
    ("group", "group@lumina.example", "/"),
    ("dashboard", "coordinator@lumina.example", "/practices/lumina/"),
    ("dashboard-complete", "manager@lumina.example", "/practices/lumina/2026-W46/?weeks=52"),
    ("dashboard-running", "manager@lumina.example", "/practices/lumina/2026-W48/"),
    ("dashboard-unowned", "admin@harbor.example", "/practices/harbor/"),
    ("enter", "coordinator@lumina.example", "/practices/lumina/enter/"),
    ("enter-manager", "manager@lumina.example", "/practices/lumina/enter/"),
    ("responsibilities", "manager@lumina.example", "/practices/lumina/responsibilities/"),
    ("responsibilities-unowned", "admin@harbor.example", "/practices/harbor/responsibilities/"),
    ("screens", "manager@lumina.example", "/practices/lumina/screens/"),
    ("import", "manager@lumina.example", "/practices/lumina/import/"),
    ("scorecard", "manager@lumina.example", "/practices/lumina/scorecard/"),
    ("scorecard-months", "viewer@lumina.example", "/practices/lumina/scorecard/?by=month"),
    ("scorecard-quarters", "viewer@lumina.example", "/practices/lumina/scorecard/?by=quarter"),
    ("scorecard-unowned", "admin@harbor.example", "/practices/harbor/scorecard/?order=oldest"),
    ("history", "manager@lumina.example", "/practices/lumina/kpis/appointments/"),
    ("history-cost", "manager@lumina.example", "/practices/lumina/kpis/cost-per-lead/"),
    ("history-rating", "viewer@lumina.example", "/practices/lumina/kpis/google-rating/?weeks=26"),
    ("meeting", "manager@lumina.example", MEETING),
    ("meeting-number", "manager@lumina.example", f"{MEETING}#appointments"),
    ("meeting-issues", "manager@lumina.example", f"{MEETING}#issues"),
    ("follow-ups", "manager@lumina.example", "/practices/lumina/follow-ups/?show=all"),
    ("meetings", "viewer@lumina.example", "/practices/lumina/meetings/"),
    ("recap", "manager@lumina.example", "/practices/lumina/meeting/2026-W44/recap/"),
    ("seen-board", "viewer@lumina.example", "/practices/lumina/meeting/2026-W44/board/"),
    ("export", "viewer@lumina.example", "/practices/lumina/export/?from=2026-W40&to=2026-W47"),
    (
        "export-refused",
        "viewer@lumina.example",
        "/practices/lumina/export/?from=2026-W47&to=2026-W46",
    ),
    ("mails", "coordinator@lumina.example", "/practices/lumina/mails/"),
    ("second-factor", "viewer@lumina.example", "/accounts/2fa/"),
    ("sessions", "viewer@lumina.example", "/accounts/sessions/"),
    ("not-found", "viewer@lumina.example", "/practices/harbor/"),
    ("forbidden", "viewer@lumina.example", "/practices/lumina/enter/"),
    ("admin", "admin@harbor.example", "/admin/"),
    ("admin-kpis", "admin@harbor.example", "/admin/funnel/kpi/"),
    ("admin-kpi", "admin@harbor.example", "/admin/funnel/kpi/?owner=needed"),
]


def picture(page, name):
    """Saves the whole page at every width, light and dark."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.reload()
            page.evaluate(DRAWN)
            path = FOLDER / f"{name}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True)


@pytest.mark.parametrize(("name", "email", "path"), SHOTS, ids=[shot[0] for shot in SHOTS])
def test_picture(page, watch, sign_in, name, email, path):
    watch.expect("/practices/harbor/", 404)
    watch.expect("/practices/lumina/enter/", 403)
    watch.expect("/practices/lumina/export/", 400)
    if email:
        sign_in(page.context, email)
    page.goto(path)
    if name == "admin-kpi":
        page.get_by_role("link", name="Appointments").click()
        page.wait_for_url("**/change/**")
    picture(page, name)


def test_picture_of_a_new_address(page, log_in, confirm):
    log_in(page, "viewer@lumina.example")
    confirm(page)
    page.goto("/address/")
    picture(page, "address")
    page.get_by_label("New e-mail address").fill("vic@elsewhere.example")
    page.get_by_role("button", name="Send the two links").click()
    picture(page, "address-waiting")
    change = AddressChange.objects.get()
    page.goto(f"/address/{addresses.signed(change, 'new')}/")
    picture(page, "address-confirm")


def test_picture_of_an_invitation(page, sign_in):
    harbor = Practice.objects.get(slug="harbor")
    staff.add(by=root_seat(harbor), email="viewer@lumina.example", name="Vic")
    sign_in(page.context, "viewer@lumina.example")
    page.goto("/")
    picture(page, "group-invited")


def test_picture_of_a_new_start(page, sign_in):
    make_start()
    sign_in(page.context, make_superuser().email)
    page.goto("/start/")
    picture(page, "start")


def test_picture_of_a_follow_up(page, sign_in):
    sign_in(page.context, "manager@lumina.example")
    page.goto("/practices/lumina/follow-ups/")
    page.get_by_role("link", name="Have the broken phone line repaired").click()
    page.get_by_role("heading", name="Have the broken phone line repaired").wait_for()
    picture(page, "follow-up")


def test_pictures_of_webhooks(page, sign_in):
    make_told_webhook(Staff.objects.get(user__email="admin@harbor.example"))
    sign_in(page.context, "admin@harbor.example")
    page.goto("/practices/harbor/webhooks/")
    picture(page, "webhooks")
    page.get_by_role("link", name="https://example.com/kpi").click()
    page.get_by_role("heading", name="Its last messages").wait_for()
    picture(page, "webhook")


@pytest.mark.parametrize("name", ["one-number", "one-number-question", "one-number-saved"])
def test_picture_of_a_link(page, name):
    practice = Practice.objects.get(slug="lumina")
    Practice.objects.update(meeting_weekday=2)
    dana = practice.staff.get(name="Dana")
    page.goto(link_for(dana, practice.kpis.get(slug="patients-acquired")))
    if name != "one-number":
        typed = {"one-number-question": "270", "one-number-saved": "11"}[name]
        page.get_by_role("textbox", name="Patients acquired").fill(typed)
        page.get_by_role("button", name="Save").click()
        page.get_by_text(
            {"270": "Is 270 right?", "11": "11 patients acquired saved."}[typed]
        ).wait_for()
    picture(page, name)


def test_picture_of_a_link_that_is_over(page, watch):
    practice = Practice.objects.get(slug="lumina")
    dana = practice.staff.get(name="Dana")
    path = link_for(dana, practice.kpis.get(slug="patients-acquired"), WEEK.previous)
    watch.expect(path, 410)
    page.goto(path)
    picture(page, "one-number-over")


def test_picture_of_a_calendars_address(page, sign_in):
    sign_in(page.context, "manager@lumina.example")
    page.goto("/practices/lumina/mails/")
    page.get_by_role("button", name="Create its address").click()
    page.get_by_role("heading", name="The address of your calendar").wait_for()
    picture(page, "mails-calendar")


def test_picture_of_a_question(page, sign_in):
    sign_in(page.context, "coordinator@lumina.example")
    page.goto("/practices/lumina/enter/")
    page.get_by_role("textbox", name="Patients acquired").fill("270")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Yes, 270 is right").wait_for()
    picture(page, "enter-question")


@pytest.mark.parametrize("step", ["who", "targets", "spreadsheet", "summary"])
def test_picture_of_a_start(page, sign_in, step):
    practice = make_start()
    if step != "who":
        answer_start(practice)
        practices.change(by=root_seat(practice), start_step=Practice.Step.SUMMARY)
    sign_in(page.context, make_superuser().email)
    page.goto(f"/start/{practice.slug}/{step}/")
    picture(page, f"start-{step}")


@pytest.mark.parametrize(
    ("name", "slug", "shows_names", "is_complete"),
    [
        ("tv", "lumina", False, True),
        ("tv-names", "lumina", True, False),
        ("tv-unowned", "harbor", False, True),
        ("tv-five", "lumina", False, True),
    ],
)
def test_picture_of_a_wall(page, name, slug, shows_names, is_complete):
    practice = Practice.objects.get(slug=slug)
    _, token = make_screen(practice, shows_names=shows_names)
    if name == "tv-five":
        for place, (stage, role, target) in enumerate(
            (("Attended", "Front desk", 18), ("Quoted to at the desk", "Doctor", 16)), start=4
        ):
            kpi = make_kpi(practice, stage, role, stage=place, from_week=WEEK)
            make_target(kpi, target, WEEK)
    if is_complete:
        stages = practice.kpis.filter(places__is_stage=True).distinct()
        for kpi in stages.exclude(entries__week=WEEK.monday):
            make_entry(kpi, 15)
    page.goto(f"/tv/{token}/")
    for view in ("Funnel", "Scorecard", "Gap"):
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.reload()
                page.evaluate(DRAWN)
                page.get_by_role("button", name=view, exact=True).click()
                page.mouse.move(0, 0)
                path = FOLDER / f"{name}-{view.lower()}-{width}-{scheme}.png"
                page.screenshot(path=path, full_page=True)


def test_picture_of_a_token(page, sign_in):
    make_token(Staff.objects.get(practice__slug="lumina", name="Dana"), may_write=False)
    sign_in(page.context, "manager@lumina.example")
    page.goto("/practices/lumina/tokens/")
    picture(page, "tokens")
    page.get_by_role("textbox", name="What uses it").fill("The front desk's software")
    page.get_by_label("It may also enter numbers").check()
    page.get_by_role("button", name="Create the token").click()
    page.get_by_role("textbox", name="The token", exact=True).wait_for()
    picture(page, "tokens-made")


def test_picture_of_the_api(page, sign_in):
    sign_in(page.context, "manager@lumina.example")
    page.goto("/api/v1/docs")
    page.locator(".opblock").first.wait_for()
    picture(page, "api-docs")


def test_picture_of_done(page, sign_in):
    sign_in(page.context, "coordinator@lumina.example")
    page.goto("/practices/lumina/enter/")
    page.get_by_role("textbox", name="Patients acquired").fill("11")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Done").wait_for()
    picture(page, "enter-done")


def test_picture_of_a_number_without_any_week(page, sign_in):
    make_kpi(Practice.objects.get(slug="lumina"), "Reviews", unit="decimal", from_week=WEEK)
    sign_in(page.context, "manager@lumina.example")
    page.goto("/practices/lumina/kpis/reviews/")
    picture(page, "history-empty")


def test_picture_of_the_first_admin(page):
    call_command("flush", interactive=False, verbosity=0)
    page.goto("/start/")
    picture(page, "start-first-admin")


@pytest.mark.parametrize(
    ("name", "text", "button"),
    [
        ("import-questions", "Week;Leads;Appts;Walk-ins\n03/02/2026;1,234;40;3\n", None),
        (
            "import-numbers",
            "Week,KPI,Value,Note\n2026-W48,Leads,61,to Wednesday\n2026-W47,Leads,96,\n"
            "2026-W47,Appointments,27,\n2026-W45,Leads,80,\n2026-W48,Appointments,300,\n"
            "2026-W48,Google rating,4.8,\n2026-W48,Google rating,4.7,\n"
            "2026-W48,Cost per lead,70,\nsoon,Leads,12,\n",
            None,
        ),
        ("import-done", "Week,Leads\n2026-W48,61\n", "Import 1 number"),
    ],
)
def test_picture_of_an_import(page, sign_in, name, text, button):
    sign_in(page.context, "manager@lumina.example")
    page.goto("/practices/lumina/import/?next=/")
    file = {"name": "numbers 2026.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("heading", name="numbers 2026.csv").wait_for()
    if button:
        page.get_by_role("button", name=button).click()
        page.get_by_text("Imported").wait_for()
    picture(page, name)

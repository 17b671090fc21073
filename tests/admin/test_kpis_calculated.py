"""KPIs in the admin: those that are calculated from others, and what stays once one is entered."""

import pytest

from funnel.models import KPI
from tests.admin.test_kpis import LIST, as_shown, do, errors, page
from tests.factories import make_entry, make_kpi

ADD = f"{LIST}add/"


def booked(cast, **changes):
    """What the browser sends to add a ratio."""
    return {
        "name": "Booked",
        "slug": "booked",
        "definition": "Booked of all who called.",
        "role": cast.leads.role_id,
        "place": "",
        "group": "",
        "place_from": "2026-11-23",
        "unit": "percent",
        "direction": "higher",
        "calculation": "ratio",
        "source": cast.appointments.pk,
        "divisor": cast.leads.pk,
        **changes,
    }


def test_adds_a_calculated_number_and_changes_it(as_admin, cast):
    added = as_admin.post(ADD, booked(cast))
    kpi = KPI.objects.get(slug="booked")
    assert added.url == page(kpi)
    assert (kpi.calculation, kpi.source, kpi.divisor) == ("ratio", cast.appointments, cast.leads)
    total = {"calculation": "total", "source": cast.leads.pk, "divisor": "", "window": "4"}
    as_admin.post(page(kpi), as_shown(kpi, **total))
    kpi.refresh_from_db()
    assert (kpi.calculation, kpi.source, kpi.divisor, kpi.window) == ("total", cast.leads, None, 4)
    assert kpi.history.latest().history_user == cast.admin.user


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"divisor": ""},
            "__all__",
            "A ratio names two KPIs, a moving total one KPI and 2 to 52 weeks, an entered number "
            "neither.",
        ),
        ({"unit": "count"}, "__all__", "A ratio is money, percent or a number with decimals."),
        ({"place": "first"}, "place", "A stage of the funnel is an entered count"),
    ],
)
def test_refuses_half_a_calculation_and_keeps_what_was_typed(
    as_admin, cast, changes, field, sentence
):
    response = as_admin.post(ADD, booked(cast, **changes))
    assert any(said.startswith(sentence) for said in errors(response)[field])
    assert 'value="Booked"' in response.content.decode()
    assert not KPI.objects.filter(slug="booked").exists()


def test_refuses_to_divide_by_itself_beside_its_field(as_admin, cast):
    response = as_admin.post(ADD, booked(cast, divisor=cast.appointments.pk))
    assert errors(response) == {"divisor": ["Divide by another KPI: by itself every number is 1."]}


def test_only_entered_numbers_of_the_practice_in_use_can_be_chosen(as_admin, cast):
    as_admin.post(ADD, booked(cast))
    do(as_admin, "archive", make_kpi(cast.practice, "Old"))
    kpi = make_kpi(cast.practice, "Reviews")
    form = as_admin.get(page(kpi)).context["adminform"].form
    for field in ("source", "divisor"):
        assert [each.slug for each in form.fields[field].queryset] == [
            "leads",
            "appointments",
            "patients-acquired",
        ]
    foreign = cast.stranger.practice.kpis.get(slug="leads")
    response = as_admin.post(ADD, booked(cast, slug="other", name="Other", source=foreign.pk))
    assert list(errors(response)) == ["source"]


def test_what_was_entered_stays_entered(as_admin, cast):
    kpi = make_kpi(cast.practice, "Reviews", unit="decimal")
    make_entry(kpi, 5)
    form = as_admin.get(page(kpi)).context["adminform"].form
    assert not {"calculation", "source", "divisor", "window"} & set(form.fields)
    typed = {"calculation": "total", "source": cast.leads.pk, "window": "4", "name": "Stars"}
    as_admin.post(page(kpi), as_shown(kpi, **typed))
    kpi.refresh_from_db()
    assert (kpi.name, kpi.calculation, kpi.source) == ("Stars", "entered", None)


def test_the_unit_stays_once_numbers_are_in(as_admin, cast):
    make_entry(cast.leads, 5)
    as_admin.post(page(cast.leads), as_shown(cast.leads, unit="money"))
    cast.leads.refresh_from_db()
    assert cast.leads.unit == "count"


def test_what_another_is_calculated_from_is_archived_after_it_or_with_it(as_admin, cast):
    as_admin.post(ADD, booked(cast))
    kpi = KPI.objects.get(slug="booked")
    refused = do(as_admin, "archive", cast.leads)
    assert "Booked is calculated from Leads. Archive Booked first" in refused.content.decode()
    assert not KPI.objects.get(pk=cast.leads.pk).is_archived
    both = {cast.leads.pk, kpi.pk}
    do(as_admin, "archive", cast.leads, kpi)
    assert set(KPI.objects.exclude(archived_at=None).values_list("pk", flat=True)) == both
    for chosen, is_back in (([kpi.pk], False), (list(both), True)):
        back = {"action": "restore", "_selected_action": chosen, "index": "0"}
        response = as_admin.post(f"{LIST}?archived=all", back, follow=True)
        said = "Leads is archived: restore it first."
        assert (said in response.content.decode()) is not is_back
        assert KPI.objects.active().filter(pk__in=both).count() == (2 if is_back else 0)

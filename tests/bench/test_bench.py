"""The benchmark measures what it reports, and its pages are not in the product."""

from datetime import date

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.urls import NoReverseMatch, reverse

from bench.client import Visit, parse
from bench.data import fill
from bench.measure import corrections
from bench.ratios import Comparison, Round, Spread
from bench.report import Line
from bench.scenarios import SCENARIOS
from bench.shapes import DATASETS, Shape
from bench.weigh import linked
from funnel.actions import tokens
from funnel.domain.weeks import Week
from funnel.models import (
    KPI,
    Lineup,
    Meeting,
    Ownership,
    PatientValue,
    Place,
    Practice,
    StandIn,
    Target,
    User,
    WeeklyEntry,
)

RUNNING = Week.parse("2026-W48")
TINY = (
    Shape("practice", 3, stages=4, others=1, weeks=8),
    Shape("fifteen", 1, stages=5, others=10, weeks=10),
)


@pytest.fixture
def tiny(db):
    """A database filled as the benchmark fills its own."""
    fill(TINY, RUNNING)


@pytest.fixture(autouse=True)
def _as_many_requests_as_ever(monkeypatch):
    """Undo what importing bench/urls.py does to every test after it."""
    monkeypatch.setattr(tokens, "MOST", tokens.MOST)


class TestFloor:
    @pytest.mark.urls("bench.urls")
    @pytest.mark.parametrize(("name", "statements"), [("floor", 1), ("old-floor", 3)])
    def test_sends_one_statement_and_the_old_one_three(
        self, client, tiny, settings, django_assert_num_queries, name, statements
    ):
        folder = settings.BASE_DIR / "bench" / "templates"
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [folder]}]
        user = User.objects.get(email="frontdesk@practice-2.example")
        client.force_login(user)
        UserSession.objects.create(
            user=user, session_key=client.session.session_key, ip="127.0.0.1", user_agent="test"
        )
        with django_assert_num_queries(statements):
            response = client.get(f"/bench/{name}/practice-2/")
        assert response.status_code == 200
        assert b"Practice 2" in response.content

    @pytest.mark.urls("bench.urls")
    def test_is_not_for_a_stranger(self, client, tiny):
        client.force_login(User.objects.get(email="frontdesk@practice-2.example"))
        assert client.get("/bench/floor/practice-1/").status_code == 404

    def test_has_no_address_in_the_product(self, client, tiny):
        client.force_login(User.objects.get(email="frontdesk@practice-2.example"))
        assert client.get("/bench/floor/practice-2/").status_code == 404
        with pytest.raises(NoReverseMatch):
            reverse("floor", args=["practice-2"])


class TestData:
    def test_holds_the_numbers_the_shapes_say(self, tiny):
        assert Practice.objects.count() == 4
        assert WeeklyEntry.objects.count() == 3 * 5 * 8 + 15 * 10
        assert WeeklyEntry.history.count() == WeeklyEntry.objects.count()
        assert Meeting.objects.count() == 3 * 8 + 10

    def test_ends_with_the_running_week(self, tiny):
        weeks = WeeklyEntry.objects.filter(practice__slug="fifteen").values_list("week", flat=True)
        assert max(weeks) == RUNNING.monday
        assert min(weeks) == Practice.objects.get(slug="fifteen").began_on

    def test_the_large_database_has_a_million_three_hundred_thousand_entries(self):
        assert DATASETS["thousand"][0].entries == 1_300_000

    def test_fifteen_kpis_are_five_stages_and_ten_numbers_beside_them(self, tiny):
        places = Place.objects.in_force(RUNNING.monday).filter(kpi__practice__slug="fifteen")
        assert places.filter(is_stage=True).count() == 5
        assert places.filter(is_stage=False).count() == 10

    def test_no_stage_exceeds_the_one_before(self, tiny):
        for monday in {entry.week for entry in WeeklyEntry.objects.all()}:
            entries = WeeklyEntry.objects.filter(
                practice__slug="fifteen", week=monday, kpi__places__is_stage=True
            )
            values = list(entries.order_by("kpi_id").values_list("value", flat=True))
            assert values == sorted(values, reverse=True)

    def test_every_owner_holds_the_role_of_the_kpi(self, tiny):
        for ownership in Ownership.objects.select_related("kpi__role", "staff"):
            assert ownership.kpi.role in ownership.staff.roles.all()

    def test_every_kpi_has_one_open_ownership_three_targets_and_a_past_owner(self, tiny):
        kpis = KPI.objects.count()
        assert Ownership.objects.filter(ends_on=None).count() == kpis
        assert Ownership.objects.exclude(ends_on=None).count() == kpis
        assert Target.objects.count() == 3 * kpis
        assert StandIn.objects.on(RUNNING.monday).count() == 4

    def test_the_screen_of_a_practice_is_found_by_its_slug(self, client, tiny):
        with time_machine.travel("2026-11-24T15:00Z", tick=False):
            response = client.get("/tv/practice-2/")
        assert "Practice 2" in response.content.decode()

    def test_passes_the_rules_of_the_models(self, tiny):
        rows = [*Practice.objects.all(), *KPI.objects.all(), *WeeklyEntry.objects.all()[:20]]
        dated = [*Lineup.objects.all(), *Place.objects.all(), *PatientValue.objects.all()]
        for row in [*rows, *dated, *Ownership.objects.all(), *Target.objects.all()]:
            row.full_clean()

    def test_the_group_sits_in_no_more_practices_than_the_first_shape_has(self, tiny):
        assert User.objects.get(email="group@bench.example").places.count() == 3


class TestRatios:
    def test_a_spread_is_smallest_middle_and_largest(self):
        assert Spread.of([3.0, 1.0, 2.0]) == Spread(1.0, 2.0, 3.0)

    def test_no_rounds_make_no_spread(self):
        with pytest.raises(ValueError, match="at least one round"):
            Spread.of([])

    def test_divides_the_page_by_its_base_round_by_round(self):
        page = (Round(0.010, 0.008, 50, 60), Round(0.030, 0.012, 40, 50))
        base = (Round(0.005, 0.004, 100, 100), Round(0.010, 0.004, 100, 100))
        comparison = Comparison(page, base)
        assert comparison.spread("latency") == Spread(2.0, 2.5, 3.0)
        assert comparison.spread("cpu") == Spread(2.0, 2.5, 3.0)
        assert comparison.spread("rate_1") == Spread(0.4, 0.45, 0.5)
        assert comparison.milliseconds() == (20.0, 7.5)

    def test_what_was_not_measured_has_no_ratio(self):
        one = (Round(0.01, 0.01, 0.0, 0.0),)
        assert Comparison(one, one).spread("rate_8") is None


class TestReport:
    @pytest.mark.parametrize(
        ("median", "at_least", "is_over"),
        [(2.0, False, False), (2.01, False, True), (2.0, True, False), (1.99, True, True)],
    )
    def test_the_median_keeps_the_target_or_not(self, median, at_least, is_over):
        line = Line("latency", Spread(0.1, median, 9.0), 2.0, at_least=at_least)
        assert line.is_over is is_over
        assert str(line).endswith("OVER" if is_over else "within")

    def test_without_a_target_there_is_no_verdict(self):
        line = Line("latency", Spread(1.0, 2.0, 3.0))
        assert not line.is_over
        assert str(line).split() == ["latency", "1.00", "2.00", "3.00"]


class TestScenarios:
    def test_every_page_is_a_page_of_its_dataset(self):
        for scenario in SCENARIOS.values():
            for spot in (scenario.page, *scenario.bases.values()):
                slugs = [slug for shape in DATASETS[spot.dataset] for slug in shape.slugs]
                parts = spot.path.split("/")
                assert spot.path == "/" or (set(parts) & set(slugs))

    def test_a_correction_names_the_version_before_it_and_another_value(self):
        fresh = corrections(Visit("/"), 2, (160, 170))
        assert [fresh().fields for _ in range(2)] == [
            {"version": "2", "value": "160"},
            {"version": "3", "value": "170"},
        ]


class TestClient:
    def test_takes_an_answer_apart(self):
        answer = parse(b"HTTP/1.1 200 OK\r\nX-Statements: 3\r\nContent-Length: 2\r\n\r\nhi")
        assert (answer.status, answer.headers["x-statements"], answer.text) == (200, "3", "hi")

    def test_counts_what_a_browser_fetches_for_a_page_once(self):
        html = """<link rel="stylesheet" href="/a.css"><link rel="canonical" href="/x/">
            <link rel="icon" href="data:,"><script src="/b.js"></script><script></script>
            <script type="application/json">{}</script><img src="/a.css"><a href="/y/">y</a>"""
        assert linked(html) == ["/a.css", "/b.js"]


def test_the_running_week_of_the_data_is_that_of_its_day():
    assert Week.running(date(2026, 11, 24)) == RUNNING

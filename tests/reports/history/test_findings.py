from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from funnel.actions import short_weeks
from funnel.domain.variation import Limits, limits
from funnel.domain.verdict import Verdict
from funnel.models import KPI, Practice
from funnel.reports.history.findings import Wording, target_sentence, verdict_words
from tests.factories import TODAY, WEEK, make_numbers, make_target, root_seat
from tests.reports.history.pages import USUAL, begin, history_of, make_ratio

pytestmark = pytest.mark.django_db

# Wheeler, Making Sense of Data, p. 382.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685)
WHEELER = (*WHEELER, 3463, 5200)


def test_the_usual_range_and_the_latest_week_in_sentences(cast):
    make_numbers(cast.leads, WHEELER)
    report = history_of(cast.leads)
    assert report.limits == limits(WHEELER[:-1])
    better = "Better than usual in the week of Nov 16: 5,200, usually 3,381 to 4,748."
    assert report.headline == ("Leads: usually 3,381 to 4,748 a week.", better)
    assert [(f.sentence, f.is_quiet, f.is_current) for f in report.findings] == [
        (better, True, True),
        ("Worse than usual, Oct 12 – Nov 15, 2026: 2 weeks below the usual range.", False, False),
    ]
    assert report.baseline == (
        "The usual range of a week comes from the 26 recorded weeks before it; so far there are 16."
    )
    assert report.offered is None


def test_what_is_said_does_not_depend_on_the_weeks_shown(cast):
    make_numbers(cast.leads, (99, *USUAL, *[10] * 8, *[1] * 12))
    whole = history_of(cast.leads, span=None)
    part = history_of(cast.leads, span=6)
    assert part.points == whole.points[-7:]
    assert part.headline == whole.headline
    assert (part.limits, part.baseline, part.more) == (whole.limits, whole.baseline, 35)
    assert part.findings == tuple(f for f in whole.findings if f.last >= part.points[0].week)
    assert part.offered == whole.offered == part.points[0].week.plus(-6)
    assert len(part.entries) == 6


def test_too_few_weeks_have_no_usual_range(cast):
    make_numbers(cast.leads, (10, 12, 11))
    report = history_of(cast.leads)
    assert report.limits is None
    assert report.headline == (
        "Leads: the usual range needs 8 recorded weeks, and so far there are 3.",
        "The week of Nov 16: 11.",
    )
    assert report.baseline == "There is no usual range yet: 3 of the 8 recorded weeks it needs."


def test_weeks_without_neighbours_have_no_usual_range(cast):
    make_numbers(cast.leads, (10, None) * 9)
    assert history_of(cast.leads).headline == (
        "Leads: the usual range needs consecutive weeks, and there are none.",
        "The number of the week of Nov 16 is missing.",
    )


# Two years of a season that is known, then a level that is worse.
KNOWN = (*[12, 10] * 60, *[7, 8] * 5)


def test_worse_is_said_with_its_reason_and_since_when(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    make_numbers(cast.appointments, KNOWN)
    report = history_of(cast.appointments)
    (finding,) = [f for f in report.findings if f.is_current]
    assert finding.sentence == (
        "Worse than usual since Sep 14: 10 weeks in a row below what is usual at that time of the "
        "year."
    )
    assert (finding.verdict, finding.is_quiet, finding.is_high) == (Verdict.WORSE, False, False)
    assert report.headline[1] == finding.sentence
    assert report.offered == finding.since == report.suggested_week == WEEK.plus(-9)


def test_a_set_baseline_says_who_set_it_and_why(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    make_numbers(cast.appointments, KNOWN)
    practice = Practice.objects.get(pk=cast.practice.pk)
    begin(practice.kpis.get(slug="appointments"), WEEK.plus(-60))
    report = history_of(cast.appointments)
    assert "10 weeks in a row below what is usual at that time of the year" in report.headline[1]
    assert report.baseline == (
        "Set from Sep 22, 2025 by root@example.com: New phones; from the 20 weeks."
    )


def test_while_the_season_is_unknown_a_drift_is_said_quietly(cast):
    make_numbers(cast.appointments, (*USUAL, *[7] * 8))
    report = history_of(cast.appointments)
    (finding,) = report.findings
    assert finding.sentence == (
        "Lower than before since Sep 28; with less than two years of numbers this can be the "
        "season."
    )
    assert (finding.verdict, finding.is_quiet, finding.may_be_normal) == (None, True, False)
    assert report.offered is None


def test_once_a_baseline_begins_with_the_run_none_is_offered(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    make_numbers(cast.appointments, KNOWN)
    practice = Practice.objects.get(pk=cast.practice.pk)
    begin(practice.kpis.get(slug="appointments"), WEEK.plus(-9), "Maya left.")
    report = history_of(cast.appointments)
    assert report.offered is None
    assert report.suggested_week == WEEK
    assert report.baseline == (
        "Set from Sep 14, 2026 by root@example.com: Maya left; from 10 of the 20 weeks it takes."
    )
    assert report.may_end_baseline


def test_a_run_that_a_later_one_reaches_back_over_is_not_said_twice(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    low = (96, 92, 97, 93, 98, 99, 97, 98, 94, 98, 96, 97)
    make_numbers(cast.appointments, (*[98, 102] * 60, 88, 99, 99, *low))
    report = history_of(cast.appointments)
    for finding, earlier in pairwise(report.findings):
        assert earlier.last < finding.since or earlier.is_high != finding.is_high


def test_a_better_run_that_ended_is_quiet_and_news_in_its_week(cast):
    make_numbers(cast.leads, (*USUAL, 40, 11))
    report = history_of(cast.leads)
    (finding,) = report.findings
    assert finding.sentence == "Better than usual, Nov 9 – 15, 2026: 40, usually 6 to 16."
    assert (finding.is_quiet, finding.is_current) == (True, False)
    assert report.headline[1] == "The week of Nov 16 was as usual again: 11."


@pytest.mark.parametrize(
    ("value", "said"), [(3, "Its 3 gets no verdict."), (None, "It has no number.")]
)
def test_a_short_week_is_shown_as_such_and_not_judged(cast, value, said):
    make_numbers(cast.leads, (*USUAL, value))
    by = root_seat(cast.practice)
    short_weeks.mark(by=by, week=WEEK, days_open=1, reason="Thanksgiving", today=TODAY)
    report = history_of(cast.leads)
    assert report.findings == ()
    assert report.headline[1] == (
        f"The week of Nov 16 is a short week: Thanksgiving, 1 day open. {said}"
    )
    assert verdict_words(report.points[-2]) == "short week: Thanksgiving, 1 day open"


def test_the_table_says_a_verdict_in_words(cast):
    make_numbers(cast.leads, (*USUAL, 40, 11, None, 0))
    words = [verdict_words(point) for point in history_of(cast.leads).points]
    assert words[0] == "too few to say"
    assert words[-5:] == [
        "better than usual: beyond the usual range",
        "as usual again",
        "",
        "worse than usual: beyond the usual range",
        "",
    ]


def test_the_target_against_what_is_usual(cast):
    make_numbers(cast.leads, USUAL)
    for target, said in (
        (40, "The target 40 is above the usual range: it will not be met without a change."),
        (12, "The target 12 is within the usual range: it will be met sometimes."),
        (2, "The target 2 is below the usual range: it will be met."),
    ):
        make_target(cast.leads, target)
        assert history_of(cast.leads).targets == (said,)


def test_a_target_is_never_denied_by_the_facts(cast):
    assert history_of(cast.leads).targets == ()
    make_target(cast.leads, 100, WEEK.plus(2))
    assert history_of(cast.leads).targets == ("From the week of Nov 30: 100.",)
    make_target(cast.leads, 80)
    assert history_of(cast.leads).targets == (
        "The target is 80.",
        "From the week of Nov 30: 100.",
    )


def test_what_is_usual_of_a_percent_goes_by_tenths(cast):
    make_numbers(cast.leads, [90, 70] * 6)
    make_numbers(cast.appointments, [30] * 12)
    report = history_of(make_ratio(cast))
    assert report.limits.upper == pytest.approx(63.01, abs=0.01)
    assert report.headline[0] == "Booked: usually 12.4% to 63.0% a week."


def test_a_range_between_two_whole_numbers_is_worded_by_its_mean():
    words = Wording("Leads", KPI.Unit.COUNT, "USD")
    assert words.usual(Limits(4.5, 0.1, 20)) == "usually about 4.5"
    assert words.usual(Limits(4.0, 0.1, 20)) == "usually 4"
    assert words.usual(Limits(4.5, 0.5, 20)) == "usually 4 to 5"


def test_a_target_that_a_number_without_variation_just_meets_is_no_better():
    words = Wording("Leads", KPI.Unit.COUNT, "USD")
    said = target_sentence(Decimal(10), limits([10] * 20), words, higher_is_better=True)
    assert said == "The target 10 is no better than the usual range: it will be met."

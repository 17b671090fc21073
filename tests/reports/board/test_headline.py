from decimal import Decimal

import pytest

from funnel.domain.verdict import Verdict
from funnel.reports.board import headline
from tests.factories import WEEK


@pytest.mark.parametrize(
    ("value", "owner", "fewer", "is_running", "sentence"),
    [
        (15, "Dana", "5.0", False, "15 patients acquired, 5 fewer than expected."),
        (15, "Dana", "4.6", False, "15 patients acquired, 4.6 fewer than expected."),
        (22, "Dana", "-2.0", False, "22 patients acquired, 2 more than expected."),
        (20, "Dana", "0.0", False, "20 patients acquired, as expected."),
        (15, "Dana", None, False, "15 patients acquired."),
        (1, "Dana", "2.0", False, "Patients acquired: 1, 2 fewer than expected."),
        (0, "Dana", "2.0", False, "0 patients acquired, 2 fewer than expected."),
        (
            None,
            "Dana",
            None,
            False,
            "Patients acquired: the number is missing, waiting for Dana.",
        ),
        (
            None,
            None,
            None,
            False,
            "Patients acquired: the number is missing, and it has no owner.",
        ),
        (None, "Dana", None, True, "The week is still in progress: no patients acquired yet."),
        (7, "Dana", None, True, "The week is still in progress: 7 patients acquired so far."),
    ],
)
def test_outcome(value, owner, fewer, is_running, sentence):
    assert sentence == headline.outcome(
        name="Patients acquired",
        value=None if value is None else Decimal(value),
        owner=owner,
        fewer=None if fewer is None else Decimal(fewer),
        is_running=is_running,
    )


LEAK = {
    "name": "Appointments",
    "role": "Front desk",
    "owner": "Maya",
    "patients": Decimal("4.5"),
    "money": Decimal(14400),
    "currency": "USD",
    "verdict": None,
    "is_final": True,
}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {},
            "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients, about $14,400.",
        ),
        ({"money": None}, "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients."),
        (
            {"owner": None, "patients": Decimal(1), "money": None},
            "The biggest leak is at Appointments (Front desk, no owner): 1 patient.",
        ),
        (
            {"is_final": False, "money": None},
            "So far the biggest leak is at Appointments (Front desk, Maya): 4.5 patients.",
        ),
        (
            {"verdict": Verdict.WORSE, "money": None},
            "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients. Worse than "
            "usual.",
        ),
        (
            {"verdict": Verdict.USUAL, "money": None},
            "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients. Within the "
            "usual range.",
        ),
        (
            {"verdict": Verdict.UNKNOWN, "money": None},
            "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients.",
        ),
    ],
)
def test_leak(given, sentence):
    assert headline.leak(**{**LEAK, **given}) == sentence


@pytest.mark.parametrize(
    ("patients", "money", "is_lost", "sentence"),
    [
        (None, None, False, "Appointments has no owner."),
        ("3.2", 9600, True, "Appointments has no owner and lost 3.2 patients ($9,600)."),
        ("3.2", None, True, "Appointments has no owner and lost 3.2 patients."),
        (
            "20.0",
            64000,
            False,
            "Appointments has no owner. "
            "All 20 patients ($64,000) expected this week pass through it.",
        ),
    ],
)
def test_at_risk(patients, money, is_lost, sentence):
    assert sentence == headline.at_risk(
        name="Appointments",
        patients=None if patients is None else Decimal(patients),
        money=None if money is None else Decimal(money),
        currency="USD",
        is_lost=is_lost,
    )


@pytest.mark.parametrize(
    ("verdict", "since", "has_ended", "sentence"),
    [
        (Verdict.WORSE, WEEK, False, "worse than usual"),
        (Verdict.WORSE, WEEK.plus(-7), False, "worse than usual since Sep 28"),
        (Verdict.BETTER, WEEK.plus(-1), False, "better than usual since Nov 9"),
        (Verdict.USUAL, None, True, "as usual again"),
    ],
)
def test_news_says_since_when_and_when_it_is_over(verdict, since, has_ended, sentence):
    assert headline.news(verdict, since, WEEK, has_ended=has_ended) == sentence

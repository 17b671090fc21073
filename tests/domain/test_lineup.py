import pytest

from funnel.domain.lineup import Item, append, change, find, put, remove, stages

LEADS, BOOKED, PATIENTS, SPEND, COST, RATING = range(1, 7)
MONEY, PRAISE = 1, 2
ROLE = 9


def stage(kpi):
    return Item(kpi, True, None, ROLE)


def other(kpi, group=None):
    return Item(kpi, False, group, ROLE)


LINEUP = (
    stage(LEADS),
    stage(BOOKED),
    stage(PATIENTS),
    other(SPEND, MONEY),
    other(RATING, PRAISE),
)


def ids(lineup):
    return [item.kpi for item in lineup]


@pytest.mark.parametrize(
    ("after", "order"),
    [
        (None, [7, LEADS, BOOKED, PATIENTS]),
        (BOOKED, [LEADS, BOOKED, 7, PATIENTS]),
        (PATIENTS, [LEADS, BOOKED, PATIENTS, 7]),
        (SPEND, [7, LEADS, BOOKED, PATIENTS]),
        (99, [7, LEADS, BOOKED, PATIENTS]),
    ],
)
def test_a_stage_is_put_behind_another_and_the_others_stay_behind_the_funnel(after, order):
    found = put(LINEUP, stage(7), after=after)
    assert ids(found) == [*order, SPEND, RATING]
    assert ids(stages(found)) == order


def test_a_stage_that_is_put_elsewhere_is_moved():
    assert ids(put(LINEUP, stage(PATIENTS), after=LEADS))[:3] == [LEADS, PATIENTS, BOOKED]
    assert put(LINEUP, stage(BOOKED), after=LEADS) == LINEUP


def test_a_stage_that_leaves_the_funnel_is_put_among_the_others_and_back_without_its_group():
    out = put(LINEUP, other(BOOKED, MONEY), after=SPEND)
    assert ids(out) == [LEADS, PATIENTS, SPEND, BOOKED, RATING]
    back = put(out, Item(BOOKED, True, MONEY, ROLE), after=LEADS)
    assert back == LINEUP


def test_a_number_is_appended_to_its_group_else_to_its_kind():
    assert ids(append(LINEUP, other(COST, MONEY)))[3:] == [SPEND, COST, RATING]
    assert ids(append(LINEUP, other(COST)))[3:] == [SPEND, RATING, COST]
    assert ids(append(LINEUP, stage(7)))[:4] == [LEADS, BOOKED, PATIENTS, 7]
    assert append((), other(COST)) == (other(COST),)


def test_what_is_removed_or_changed_is_alone():
    assert ids(remove(LINEUP, BOOKED)) == [LEADS, PATIENTS, SPEND, RATING]
    assert remove(LINEUP, 99) == LINEUP
    assert change(LINEUP, other(SPEND, PRAISE))[3] == other(SPEND, PRAISE)
    assert change(LINEUP, other(99)) == LINEUP


def test_a_kpi_that_is_not_there_is_found_as_none():
    assert find(LINEUP, SPEND) == other(SPEND, MONEY)
    assert find(LINEUP, 99) is None

"""domain/lineup.py: the KPIs of a week in order, and the changes that can be made to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.lineup import (
    LineupItem,
    append,
    change,
    find,
    put,
    remove,
    reorder,
    sort_groups,
    stage_before,
    stages,
)


def stage(kpi):
    return LineupItem(kpi, is_stage=True, group=None, role=1)


def other(kpi, group=None):
    return LineupItem(kpi, is_stage=False, group=group, role=1)


# Two stages, two KPIs of group 7, one of group 8, one of none.
LINEUP = (stage(1), stage(2), other(3, 7), other(4, 7), other(5, 8), other(6))


def ids(lineup):
    return [item.kpi for item in lineup]


def test_finds_an_item_and_the_stages():
    assert find(LINEUP, 3) == other(3, 7)
    assert find(LINEUP, 9) is None
    assert stages(LINEUP) == LINEUP[:2]
    assert stages(()) == ()


@pytest.mark.parametrize(
    ("item", "after", "expected"),
    [
        (stage(9), [], [9, 1, 2, 3, 4, 5, 6]),
        (stage(9), [1], [1, 9, 2, 3, 4, 5, 6]),
        (stage(9), [2], [1, 2, 9, 3, 4, 5, 6]),
        # One that is not a stage, and one that is not there: first.
        (stage(9), [4], [9, 1, 2, 3, 4, 5, 6]),
        (stage(9), [99], [9, 1, 2, 3, 4, 5, 6]),
        # The first of several that is there.
        (stage(9), [99, 4, 1, 2], [1, 9, 2, 3, 4, 5, 6]),
        (stage(1), [2], [2, 1, 3, 4, 5, 6]),
        (stage(1), [1], [1, 2, 3, 4, 5, 6]),
        (stage(5), [1], [1, 5, 2, 3, 4, 6]),
        (other(9), [], [1, 2, 9, 3, 4, 5, 6]),
        (other(9), [5], [1, 2, 3, 4, 5, 9, 6]),
        (other(2), [6], [1, 3, 4, 5, 6, 2]),
    ],
)
def test_puts_an_item_behind_another_of_its_kind(item, after, expected):
    assert ids(put(LINEUP, item, after=after)) == expected


def test_a_stage_loses_its_group():
    assert find(put(LINEUP, LineupItem(3, is_stage=True, group=7, role=1), after=[1]), 3) == stage(
        3
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (stage(9), [1, 2, 9, 3, 4, 5, 6]),
        (other(9, 7), [1, 2, 3, 4, 9, 5, 6]),
        (other(9, 8), [1, 2, 3, 4, 5, 9, 6]),
        (other(9), [1, 2, 3, 4, 5, 6, 9]),
        (other(9, 99), [1, 2, 3, 4, 5, 6, 9]),
        (other(3, 8), [1, 2, 4, 5, 3, 6]),
    ],
)
def test_appends_an_item_to_its_kind_and_group(item, expected):
    assert ids(append(LINEUP, item)) == expected


def test_appends_to_an_empty_lineup():
    assert append((), stage(1)) == (stage(1),)
    assert append((stage(1),), other(2)) == (stage(1), other(2))


def test_removes_and_changes_what_is_there():
    assert ids(remove(LINEUP, 2)) == [1, 3, 4, 5, 6]
    assert remove(LINEUP, 9) == LINEUP
    assert change(LINEUP, other(3, 8))[2] == other(3, 8)
    assert change(LINEUP, other(9)) == LINEUP


@pytest.mark.parametrize(
    ("kpis", "expected"),
    [
        ([2, 1], [2, 1, 3, 4, 5, 6]),
        ([4, 3], [1, 2, 4, 3, 5, 6]),
        ([6, 3], [1, 2, 6, 4, 5, 3]),
        ([99, 2, 1], [2, 1, 3, 4, 5, 6]),
        # A stage stays before all others.
        ([3, 1], [2, 1, 3, 4, 5, 6]),
        ([], [1, 2, 3, 4, 5, 6]),
    ],
)
def test_reorders_what_is_named_in_the_positions_it_holds(kpis, expected):
    assert ids(reorder(LINEUP, kpis)) == expected


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        ({7: 0, 8: 1}, [1, 2, 3, 4, 5, 6]),
        ({8: 0, 7: 1}, [1, 2, 5, 3, 4, 6]),
        ({8: 0}, [1, 2, 5, 3, 4, 6]),
        ({}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_sorts_groups_by_rank_and_leaves_their_order(rank, expected):
    assert ids(sort_groups(LINEUP, rank)) == expected


@pytest.mark.parametrize(("kpi", "before"), [(1, None), (2, 1), (3, None), (9, None)])
def test_knows_the_stage_before(kpi, before):
    assert stage_before(LINEUP, kpi) == before


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7), st.booleans()), max_size=20))
def test_the_stages_come_first_and_no_kpi_twice_whatever_is_put_where(moves):
    lineup = LINEUP
    for kpi, after, is_stage in moves:
        lineup = put(lineup, LineupItem(kpi, is_stage=is_stage, group=7, role=1), after=[after])
    kinds = [item.is_stage for item in lineup]
    assert kinds == sorted(kinds, reverse=True)
    assert len(set(ids(lineup))) == len(lineup)
    assert all(item.group is None for item in stages(lineup))

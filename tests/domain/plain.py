"""The limits and signals of a week as docs/measures.md words them, slowly, without a season."""

from itertools import pairwise

from funnel.domain.variation import ChartRule, Limits

PLAIN_RULES = (
    (ChartRule.OUTSIDE, 1, 1, 2.66),
    (ChartRule.LEANING, 4, 3, 1.33),
    (ChartRule.SHIFTED, 8, 8, 0),
)


def plain_usual(values, short, before):
    """The limits from the weeks before one."""
    pieces = [[]]
    for value, is_short in list(zip(values, short, strict=True))[:before]:
        if is_short:
            continue
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(value)
    taken = []
    for piece in reversed(pieces):
        room = 26 - sum(map(len, taken))
        taken.append(piece[-room:] if room else [])
    used = [value for piece in taken for value in piece]
    moves = [abs(b - a) for piece in taken for a, b in pairwise(piece)]
    if len(used) < 8 or not moves:
        return None
    return Limits(sum(used) / len(used), sum(moves) / len(moves), len(used))


def plain_row(values, short, week):
    """The successive weeks up to a week: back to a missing one, without short ones."""
    row = []
    for at in range(week, -1, -1):
        if values[at] is None and not short[at]:
            break
        if not short[at]:
            row.insert(0, at)
    return row


def plain_signals(values, short, week):
    """The signals of a week."""
    if values[week] is None or short[week] or plain_usual(values, short, week) is None:
        return []
    row, found = plain_row(values, short, week), []
    for rule, length, needed, reach in PLAIN_RULES:
        window = row[-length:]
        base = plain_usual(values, short, window[0])
        if (
            len(window) < length
            or base is None
            or (rule is ChartRule.LEANING and not base.mean_range)
        ):
            continue
        offsets = {at: values[at] - base.mean for at in window}
        for side in (1, -1):
            far = tuple(at for at in window if side * offsets[at] > reach * base.mean_range + 1e-9)
            if len(far) >= needed and week in far:
                found.append((rule, far, side > 0))
    return found

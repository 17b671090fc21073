"""Made-up weeks of a practice in which nothing, or one thing, changes. Seeded, plain Python."""

import random
from datetime import date, timedelta
from itertools import accumulate
from math import pi, sin

NOISE = 0.12
LEADS = 95
# Two weeks a year in which the practice is open for part of the week.
HOLIDAYS = (32, 52)
OPEN = 0.4


def seeded(seed):
    """The same chance on every run."""
    return random.Random(seed)  # noqa: S311


def poisson(rng, mean):
    """A count of that mean: the arrivals of one unit of time."""
    count, passed = -1, 0.0
    while passed < mean:
        passed += rng.expovariate(1)
        count += 1
    return count


def noisy(rng, mean, noise=NOISE):
    """A count around a mean that itself varies from week to week."""
    return poisson(rng, max(0.0, mean * rng.gauss(1, noise)))


def funnel(rng, weeks, delay, *, rate=0.4, open_share=None, rate_from=None):
    """(k, n) of each week: the leads, and those of this and earlier weeks who book in it.

    `delay` is the share that books 0, 1, 2 … weeks later; `open_share(week)` scales the leads,
    `rate_from` is (week, rate): leads from that week on book at another rate.
    """
    shares = list(accumulate(delay))
    booked = [0] * (weeks + len(delay))
    leads = []
    for week in range(weeks):
        n = noisy(rng, LEADS * (open_share(week) if open_share else 1))
        now = rate if rate_from is None or week < rate_from[0] else rate_from[1]
        for _ in range(n):
            draw = rng.random()
            if draw < now:
                draw /= now
                later = 0
                while later < len(shares) - 1 and draw >= shares[later]:
                    later += 1
                booked[week + later] += 1
        leads.append(n)
    return list(zip(booked, leads, strict=False))


def is_holiday(week):
    """Whether a week, counted from the first of a year, is one of the two short ones."""
    return (week % 52) + 1 in HOLIDAYS


def thursdays(start, weeks):
    """The months of consecutive weeks' Thursdays; week `start` of 2020 is the first."""
    first = date(2020, 1, 2) + timedelta(weeks=start)
    return [(first + timedelta(weeks=week)).month for week in range(weeks)]


def number(rng, weeks, *, start=0, season=0.0, growth=0.0, fall=None, noise=NOISE, mean=LEADS):
    """(values, months, short) of a weekly count with a season that peaks once a year.

    `start` is the week of the year it begins in, `growth` a share a year, `fall` (week, share).
    """
    values, short = [], []
    for week in range(weeks):
        level = mean * (1 + growth) ** (week / 52)
        level *= 1 + season * sin(2 * pi * (start + week) / 52)
        if fall is not None and week >= fall[0]:
            level *= 1 - fall[1]
        holiday = is_holiday(start + week)
        values.append(noisy(rng, level * (OPEN if holiday else 1), noise))
        short.append(holiday)
    return values, thursdays(start, weeks), short

"""domain/zones.py: a time zone by its place."""

import pytest

from funnel.domain.zones import city


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("America/New_York", "New York"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires, Argentina"),
        ("America/Port-au-Prince", "Port-au-Prince"),
        ("UTC", "UTC"),
        ("", ""),
    ],
)
def test_a_zone_is_called_by_its_place(zone, place):
    assert city(zone) == place

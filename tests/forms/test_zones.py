"""forms/zones.py: what a practice chooses from is what its model takes, each once."""

from funnel.forms.zones import currencies, zones
from funnel.models.practice import validate_currency, validate_time_zone


def values(groups):
    return [value for _, group in groups for value, _ in group]


def test_every_time_zone_that_is_offered_is_one_and_stands_there_once():
    offered = values(zones())
    assert len(offered) == len(set(offered)) > 400
    for zone in offered:
        validate_time_zone(zone)


def test_the_usual_zones_come_first_and_the_others_by_their_region():
    groups = dict(zones())
    assert groups["Usual"][0] == ("America/New_York", "New York (Eastern)")
    assert ("Europe/Lisbon", "Lisbon") in groups["Europe"]
    assert ("America/Argentina/Salta", "Salta, Argentina") in groups["America"]


def test_every_currency_that_is_offered_is_one_and_stands_there_once():
    offered = values(currencies())
    assert len(offered) == len(set(offered)) > 120
    for currency in offered:
        validate_currency(currency)


def test_the_usual_currencies_come_first_and_none_that_is_history():
    assert values(currencies())[:3] == ["USD", "EUR", "GBP"]
    assert "DEM" not in values(currencies())
    assert ("SEK", "Swedish Krona (SEK)") in dict(currencies())["All others"]

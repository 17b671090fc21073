from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies

from funnel.domain.zones import city

Groups = list[tuple[str, list[tuple[str, str]]]]

LANGUAGE = "en_US"
COMMON_ZONES = {
    "America/New_York": "New York (Eastern)",
    "America/Chicago": "Chicago (Central)",
    "America/Denver": "Denver (Mountain)",
    "America/Phoenix": "Phoenix (Arizona)",
    "America/Los_Angeles": "Los Angeles (Pacific)",
    "America/Anchorage": "Anchorage (Alaska)",
    "Pacific/Honolulu": "Honolulu (Hawaii)",
    "Europe/London": "London",
    "Europe/Berlin": "Berlin",
}
REGIONS = {
    "Africa": "Africa",
    "America": "America",
    "Antarctica": "Antarctica",
    "Arctic": "Arctic",
    "Asia": "Asia",
    "Atlantic": "Atlantic Ocean",
    "Australia": "Australia",
    "Europe": "Europe",
    "Indian": "Indian Ocean",
    "Pacific": "Pacific Ocean",
}
COMMON_CURRENCIES = ("USD", "EUR", "GBP", "CAD", "AUD", "CHF")


@cache
def zones() -> Groups:
    """Common cities, then by region."""
    groups = [("Usual", list(COMMON_ZONES.items()))]
    names = sorted(available_timezones() - COMMON_ZONES.keys())
    for region, label in REGIONS.items():
        own = [name for name in names if name.startswith(f"{region}/")]
        groups.append((label, [(name, city(name)) for name in own]))
    return [*groups, ("No place", [("UTC", "UTC")])]


@cache
def currencies() -> Groups:
    """As "US Dollar (USD)", common ones first."""
    territories = [str(it) for it in Locale.parse(LANGUAGE).territories]
    countries = [it for it in territories if len(it) == 2]
    used = {code for it in countries for code in get_territory_currencies(it)}
    others = sorted(
        ((code, _named(code)) for code in used - set(COMMON_CURRENCIES)), key=lambda it: it[1]
    )
    return [
        ("Usual", [(code, _named(code)) for code in COMMON_CURRENCIES]),
        ("All others", others),
    ]


def _named(code: str) -> str:
    return f"{get_currency_name(code, locale=LANGUAGE)} ({code})"

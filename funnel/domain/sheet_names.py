import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class SheetColumn(StrEnum):
    WEEK = "week"
    KPI = "kpi"
    VALUE = "value"
    NOTE = "note"
    # Columns of our exports and of common sheets that are not a week's numbers.
    OTHER = "other"


WORDS = {
    SheetColumn.WEEK: "week|weeks|date|day|monday|week of|week beginning|week commencing|week "
    "starting|week ending|week start|week end|w c|w e|iso week|period|woche|kw|datum|semaine|"
    "semana|fecha",
    SheetColumn.KPI: "kpi|kpis|metric|metrics|measure|measures|measurable|indicator|stage|kpi name|"
    "name|kennzahl|indicateur|indicador",
    SheetColumn.VALUE: "value|values|number|result|actual|amount|count|figure|wert|valeur|valor",
    SheetColumn.NOTE: "note|notes|comment|comments|remark|remarks",
    SheetColumn.OTHER: "sunday|owner|role|unit|entered by|entered for|entered at|entered on|"
    "reason|corrected|seen value|version|status|target|goal|year|month|quarter|practice|location",
}
MEANT = {word: column for column, words in reversed(WORDS.items()) for word in words.split("|")}

# Common names of the KPIs of a new practice, by slug.
SYNONYMS = {
    "leads": "lead|new leads|leads in|inquiries|enquiries|new inquiries|new enquiries|lead count|"
    "marketing leads|inquiry|enquiry",
    "appointments": "appointment|appts|appt|appointments booked|booked appointments|bookings|"
    "booked|consults|consults booked|consultations|consultations booked|appointments in|"
    "new appointments",
    "patients-acquired": "patients|patient|new patients|acquired patients|patients in|"
    "acquired|patients won|new patients acquired|conversions|closed patients|converted patients",
}
CALLED = {word: slug for slug, words in SYNONYMS.items() for word in words.split("|")}

_FILLER = re.compile(r"^(?:number of|no of|total|count of|nr of|weekly) ")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Known:
    slug: str
    name: str
    is_active: bool = True
    unit: str = "count"
    currency: str = ""


def plain(text: str) -> str:
    """Lower case without punctuation."""
    return _SIGNS.sub(" ", text.casefold()).strip()


def column_of(header: str) -> SheetColumn | None:
    """Content of a column, None if possibly a KPI."""
    return MEANT.get(plain(header))


def matched(names: Iterable[str], known: Sequence[Known]) -> dict[str, str]:
    """Slugs by name, matching name, slug or synonym."""
    called: dict[str, str] = {}
    for kpi in sorted(known, key=lambda kpi: kpi.is_active):
        called |= {plain(kpi.slug): kpi.slug, plain(kpi.name): kpi.slug}
    slugs = {kpi.slug for kpi in known}
    synonyms = {word: slug for word, slug in CALLED.items() if slug in slugs}
    found = {}
    for name in names:
        bare = plain(name)
        less = _FILLER.sub("", bare)
        slug = called.get(bare) or called.get(less) or synonyms.get(bare) or synonyms.get(less)
        if slug:
            found[name] = slug
    return found

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

from funnel.domain.periods import MONTH, QUARTER
from funnel.domain.weeks import Week

WEEK = "week"
KINDS = (WEEK, MONTH, QUARTER)


@dataclass(frozen=True, slots=True)
class ScorecardQuery:
    """`until` None: the last completed week."""

    by: str = WEEK
    until: Week | None = None
    is_oldest_first: bool = False
    hides_running: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Invalid values are ignored; `day` selects its week."""
        by = given.get("by", "")
        return cls(
            by=by if by in KINDS else WEEK,
            until=_week(given.get("until", "")) or _week_of(given.get("day", "")),
            is_oldest_first=given.get("order") == "oldest",
            hides_running=given.get("running") == "hide",
        )

    def query(self, **changes: Any) -> str:
        """ "?" for the default."""
        asked = replace(self, **changes)
        said = {
            "by": asked.by if asked.by != WEEK else None,
            "until": asked.until,
            "order": "oldest" if asked.is_oldest_first else None,
            "running": "hide" if asked.hides_running else None,
        }
        return "?" + urlencode({name: value for name, value in said.items() if value is not None})

    def links(self, earlier: Week | None, later: Week | None, *, is_latest: bool) -> dict[str, Any]:
        return {
            "kinds": [(kind, self.query(by=kind), kind == self.by) for kind in KINDS],
            "order": self.query(is_oldest_first=not self.is_oldest_first),
            "running": self.query(hides_running=not self.hides_running),
            "earlier": self.query(until=earlier) if earlier else "",
            "later": self.query(until=later) if later else "",
            "latest": "" if is_latest else self.query(until=None),
        }


def _week(text: str) -> Week | None:
    try:
        return Week.parse(text)
    except ValueError:
        return None


def _week_of(day: str) -> Week | None:
    try:
        return Week.of(date.fromisoformat(day))
    except (ValueError, OverflowError):
        return None

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from funnel.access import May, Seat, Standing, all_stands, require
from funnel.actions import entries, lineups
from funnel.actions.writing import writes
from funnel.domain import import_plan, lineup
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.import_plan import CLOSED, Facts, Key, PlannedNumber, Stored
from funnel.domain.packing import pack
from funnel.domain.sheet_layout import Grid, NotUnderstood
from funnel.domain.sheet_names import Known
from funnel.domain.sheet_questions import Answers, Found, Understood, understand
from funnel.domain.weeks import Week
from funnel.models import Import, Meeting, WeeklyEntry

# Older drafts are deleted.
KEPT_FOR = timedelta(days=1)
REASON = "Imported from {file_name}"
NO_DRAFT = "This import has expired. Open the page again."


@writes
def upload(*, by: Seat, file_name: str, sheets: Mapping[str, Grid], today: date) -> Import:
    """Store a draft, replacing the user's, and plan it unless there are questions. Deletes old
    drafts.
    """
    require(May.IMPORT, by)
    now = timezone.now()
    drafts = Import.objects.drafts().filter(practice=by.practice)
    drafts.filter(Q(made_by=by.user) | Q(made_at__lt=now - KEPT_FOR)).delete()
    draft = Import(
        practice=by.practice,
        file_name=file_name,
        cells=pack(sheets),
        reason=REASON.format(file_name=file_name)[: entries.CHANGE_REASON_LENGTH],
        made_at=now,
        made_by=by.user,
    )
    return _planned(by, draft, sheets, today)


@writes
def answer(
    *,
    by: Seat,
    draft: Import,
    answers: Answers,
    today: date,
    correcting: str | None = None,
) -> Import:
    """Plan again; `correcting` is the reason for changes of closed weeks, None leaves it."""
    locked = lock(by, draft)
    locked.answers = answers.as_json()
    if correcting is not None:
        locked.correcting = correcting.strip()
    return _planned(by, locked, locked.grids(), today)


@writes
def discard(*, by: Seat, draft: Import) -> None:
    """Delete a draft."""
    require(May.IMPORT, by)
    Import.objects.drafts().filter(practice=by.practice, pk=draft.pk).delete()


def lock(by: Seat, draft: Import) -> Import:
    """Raises ValidationError if it is no draft."""
    require(May.IMPORT, by)
    rows = Import.objects.drafts().select_for_update().filter(practice=by.practice, pk=draft.pk)
    locked = rows.first()
    if locked is None:
        raise ValidationError(NO_DRAFT)
    return locked


@dataclass(frozen=True, slots=True)
class Present:
    standings: Mapping[str, Standing]
    dated: lineups.Dated
    stored: Mapping[Key, Stored]
    ids: Mapping[Key, int]
    closed: frozenset[date]
    short: frozenset[date]

    @classmethod
    def of(cls, by: Seat, weeks: Sequence[Week], today: date) -> "Present":
        """Five queries, one without weeks."""
        standings = all_stands(by, today)
        if not weeks:
            return cls(standings, {}, {}, {}, frozenset(), frozenset())
        first, last = min(weeks), max(weeks)
        slugs = {standing.kpi.pk: slug for slug, standing in standings.items()}
        stored: dict[Key, Stored] = {}
        ids: dict[Key, int] = {}
        near = WeeklyEntry.objects.between(first.plus(-WEEKS_BEFORE).monday, last.monday)
        found = near.filter(practice=by.practice).order_by()
        columns = ("pk", "kpi_id", "week", "value", "note", "version", "entered_at")
        for pk, kpi, monday, *row in found.values_list(*columns).iterator():
            stored[slugs[kpi], monday] = Stored(*row)
            ids[slugs[kpi], monday] = pk
        held = Meeting.objects.closed().filter(practice=by.practice)
        held = held.filter(week__gte=first.monday, week__lte=last.monday).order_by()
        return cls(
            standings,
            lineups.all_dated(by.practice),
            stored,
            ids,
            frozenset(held.values_list("week", flat=True)),
            frozenset(by.practice.short_weeks.values_list("week", flat=True)),
        )

    @property
    def known(self) -> tuple[Known, ...]:
        return tuple(
            Known(
                slug=slug,
                name=standing.kpi.name,
                is_active=not standing.kpi.is_archived,
                unit=standing.kpi.unit,
                currency=standing.seat.practice.currency,
            )
            for slug, standing in self.standings.items()
        )

    def before(self, slug: str, week: Week) -> str | None:
        items = lineups.in_force(self.dated, week)
        found = lineup.stage_before(items, self.standings[slug].kpi.pk)
        slugs = {standing.kpi.pk: slug for slug, standing in self.standings.items()}
        return slugs[found] if found else None


def understood(by: Seat, draft: Import, grids: Mapping[str, Grid], today: date) -> Understood:
    """Raises ValidationError without numbers. One query."""
    known = Present.of(by, (), today).known
    try:
        return understand(grids, known, Answers.of_json(draft.answers))
    except NotUnderstood as refused:
        raise ValidationError(refused.sentence) from None


def plan(
    by: Seat, draft: Import, found: Sequence[Found], today: date
) -> tuple[tuple[PlannedNumber, ...], Present]:
    """Return outcomes and what they were checked against. Five queries."""
    present = Present.of(by, [one.week for one in found if one.week], today)

    def refusal(slug: str, week: Week, value: Any) -> str | None:
        kpi = present.standings[slug].kpi
        return entries.refusal(kpi, by.practice, week, value, today=today)

    facts = Facts(
        kpis={kpi.slug: kpi for kpi in present.known},
        stored=present.stored,
        closed=present.closed,
        short=present.short,
        may_correct=bool(draft.correcting),
        refusal=refusal,
        before=present.before,
        currency=by.practice.currency,
    )
    return import_plan.plan(found, facts), present


def _planned(by: Seat, draft: Import, grids: Mapping[str, Grid], today: date) -> Import:
    said = understood(by, draft, grids, today)
    lines = plan(by, draft, said.found, today)[0] if not said.questions else ()
    draft.questions = {key: value for key, value in asdict(said.questions).items() if value}
    draft.told = {
        "form": said.form,
        "sheet": said.sheet,
        "left_out": said.left_out,
        "moved": said.moved,
        "moved_count": said.moved_count,
        "closed": sum(line.why == CLOSED for line in lines),
        "doubtful": sum(line.is_written and bool(line.why) for line in lines),
    }
    draft.lines = pack([line.as_json() for line in lines]) if lines else b""
    for kind, count in import_plan.counts(lines).items():
        setattr(draft, kind, count)
    draft.full_clean(exclude=["practice", "made_by"])
    draft.save()
    return draft

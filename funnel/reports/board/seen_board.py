from dataclasses import dataclass
from datetime import datetime

from funnel.domain.weeks import Week
from funnel.models import Practice, Snapshot
from funnel.reports.board import snapshot
from funnel.reports.board.board import Board
from funnel.reports.board.corrections import Correction, load_corrections
from funnel.reports.names import called


@dataclass(frozen=True, slots=True)
class SeenBoard:
    """The snapshot of the first closing, and later corrections."""

    board: Board
    seen_at: datetime
    closed_by: str
    corrections: tuple[Correction, ...]


def build_seen_board(practice: Practice, week: Week) -> SeenBoard | None:
    """Two queries, one without a snapshot."""
    kept = (
        Snapshot.objects.filter(meeting__practice=practice, meeting__week=week.monday)
        .annotate(closer=called(practice, "taken_by"))
        .first()
    )
    if kept is None:
        return None
    return SeenBoard(
        board=snapshot.thaw(kept.board),
        seen_at=kept.taken_at,
        closed_by=kept.closer,
        corrections=load_corrections(practice, week),
    )

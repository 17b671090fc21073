from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.forms.entry import EntryForm
from funnel.reports.entry.sheet import EntryCard, EntrySheet, build_entry_sheet, entry_week
from funnel.reports.meeting.follow_ups import build_my_follow_ups
from funnel.reports.setup.start import awaited_meeting
from funnel.views.seated import own_numbers, seated_to_enter, today_at


@require_safe
@seated_to_enter
def enter(request: HttpRequest, seat: Seat, week: Week | None = None) -> HttpResponse:
    today = today_at(seat.practice)
    week = week or entry_week(seat.practice, today)
    if week.is_future(today):
        raise Http404("This week has not started yet.")
    own = own_numbers(seat, today)
    return sheet_page(request, seat, build_entry_sheet(seat, week, today=today, own=own))


def sheet_page(
    request: HttpRequest, seat: Seat, sheet: EntrySheet, refused: EntryForm | None = None
) -> HttpResponse:
    """Focus the refused form, else the first missing number."""
    mine, others = (_with_forms(cards, refused) for cards in (sheet.mine, sheet.others))
    today = today_at(seat.practice)
    forms = {form.slug: form for _, form in (*mine, *others)}
    if refused is not None:
        refused.focus()
    elif sheet.next_missing:
        forms[sheet.next_missing.slug].focus()
    context = {
        "seat": seat,
        "sheet": sheet,
        "first": awaited_meeting(seat.practice, today),
        "mine": mine,
        "others": others,
        "refused": refused,
        "promises": () if refused else build_my_follow_ups(seat, today=today),
    }
    return render(request, "funnel/enter.html", context)


def _with_forms(
    cards: tuple[EntryCard, ...], refused: EntryForm | None
) -> list[tuple[EntryCard, EntryForm]]:
    return [
        (card, refused if refused and refused.slug == card.slug else _form(card)) for card in cards
    ]


def _form(card: EntryCard) -> EntryForm:
    shown = card.entered
    return EntryForm(
        slug=card.slug,
        unit=card.unit,
        currency=card.currency,
        needs_reason=not card.is_mine,
        initial={"value": shown.value, "note": shown.note, "version": shown.version}
        if shown
        else None,
    )

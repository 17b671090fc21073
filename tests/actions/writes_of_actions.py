"""Every public write, prepared and ready to be called: what tests/actions/test_writing.py runs."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from funnel.actions import (
    addresses,
    archives,
    attendance,
    baselines,
    batches,
    calendars,
    entries,
    follow_ups,
    groups,
    imports,
    invitations,
    kpis,
    lineups,
    meetings,
    not_brought,
    notes,
    ownership,
    patient_values,
    practices,
    screens,
    short_weeks,
    staff,
    stand_ins,
    starts,
    targets,
    tokens,
    webhooks,
)
from funnel.domain.sheet_questions import Answers
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Lineup, PatientValue, Place, Role, Staff
from tests.actions.importing_steps import FILE, undo, write
from tests.actions.moving import packed
from tests.factories import (
    BEGAN,
    NOW,
    TODAY,
    WEEK,
    close_week,
    make_calendar,
    make_follow_up,
    make_import,
    make_kpi,
    make_screen,
    make_start,
    make_target,
    make_token,
    make_webhook,
    root_seat,
    seat_for,
    stand_for,
)

IN_A_MONTH = TODAY + timedelta(days=30)


def _in_meeting(cast):
    by = seat_for(cast.manager)
    meetings.start(by=by, week=WEEK, today=TODAY)
    return {"by": by, "week": WEEK, "today": TODAY}


def _turn_to(cast):
    return partial(meetings.turn_to, part="issues", **_in_meeting(cast))


def _pause(cast):
    return partial(meetings.pause, **_in_meeting(cast))


def _resume(cast):
    at = _in_meeting(cast)
    meetings.pause(**at)
    return partial(meetings.resume, **at)


def _reopen(cast):
    close_week(cast.manager)
    return partial(meetings.reopen, by=seat_for(cast.manager), week=WEEK, reason="A typo.")


def _restore_kpi(cast):
    by = seat_for(cast.admin)
    kpi = kpis.archive(by=by, kpi=make_kpi(cast.practice, "Spend"), today=TODAY)
    return partial(kpis.restore, by=by, kpi=kpi, today=TODAY)


def _new_kpi(cast):
    role = Role.objects.get(practice=cast.practice, name="Management")
    words = {"name": "Reviews", "slug": "reviews", "definition": "New reviews."}
    return KPI(practice=cast.practice, role=role, **words)


def _without_lineup(cast):
    Place.objects.all().delete()
    Lineup.objects.all().delete()
    return cast.practice


def _without_value(cast):
    PatientValue.objects.all().delete()
    return cast.practice


def _begun_earlier(practice):
    practice.began_on = BEGAN - timedelta(days=70)
    return practice


def _end_baseline(cast):
    by = seat_for(cast.manager)
    baselines.begin(
        by=by, kpi=cast.leads, from_week=WEEK.previous, reason="A new site.", today=TODAY
    )
    return partial(baselines.end, by=by, kpi=cast.leads, from_week=WEEK, today=TODAY)


def _short_week(cast):
    by = seat_for(cast.manager)
    return {"by": by, "week": WEEK, "days_open": 3, "reason": "A holiday.", "today": TODAY}


def _unmark(cast):
    short_weeks.mark(**_short_week(cast))
    return partial(short_weeks.unmark, by=seat_for(cast.manager), week=WEEK, today=TODAY)


def _drop_target(cast):
    return partial(targets.drop, by=seat_for(cast.manager), target=make_target(cast.leads, 90))


def _follow_up(cast, action, **how):
    made = make_follow_up(cast.owner)
    return partial(action, by=seat_for(cast.manager), follow_up=made, **how)


def _reopen_follow_up(cast):
    made = make_follow_up(cast.owner)
    by = seat_for(cast.manager)
    follow_ups.finish(by=by, follow_up=made)
    return partial(follow_ups.reopen, by=by, follow_up=made)


def _reactivate(cast):
    by = seat_for(cast.admin)
    gone = staff.deactivate(by=by, staff=cast.member, today=TODAY)
    return partial(staff.reactivate, by=by, staff=gone)


def _draft(cast):
    return make_import(cast.manager, *FILE)


def _undo(cast):
    draft = _draft(cast)
    write(cast, draft)
    return partial(undo, cast, draft)


def _restore_practice(cast):
    rows = packed(cast.practice)
    return partial(archives.restore, lambda kind: iter(rows[kind]), slug="copy")


def _hire(cast):
    by = seat_for(cast.admin)
    return partial(staff.add, by=by, email="new@lumina.example", name="New")


def _accept(cast):
    stranger = cast.stranger.user
    added = staff.add(by=seat_for(cast.admin), email=stranger.email, name="Hal")
    return partial(staff.accept, by=stranger, staff=added)


def _new_address(cast):
    change = addresses.ask(by=cast.superuser, email="new@example.com", now=NOW)
    addresses.confirm(change=change, mailbox="old", now=NOW)
    return partial(addresses.confirm, change=change, mailbox="new", now=NOW)


def _start(action, **how):
    return partial(action, by=root_seat(make_start()), **how)


def _found_whole(cast):
    settings = {"slug": "nova", "name": "Nova", "time_zone": "UTC"}
    return partial(
        starts.found_whole,
        by=cast.superuser,
        settings=settings,
        people=[starts.Hired(starts.Newcomer("Nia", "nia@nova.example"), "admin")],
        targets={"leads": Decimal(80)},
        now=NOW,
    )


def _screen():
    return {"name": "Hall", "expires_on": IN_A_MONTH, "shows_names": False, "once": "k"}


def _webhook():
    wishes = {"wants_entries": True, "wants_closings": True, "wants_unowned": True}
    return {"url": "https://example.com/kpi", "once": "k", **wishes}


def _stand_in(cast):
    days = {"starts_on": TODAY + timedelta(days=20), "ends_on": IN_A_MONTH}
    return {"kpi": cast.leads, "staff": cast.member, **days}


def _answer(cast):
    practice = make_start()
    answers = [starts.Answer(practice.kpis.get(slug="leads"), None, "Doctor")]
    return partial(starts.answer, by=root_seat(practice), answers=answers, today=TODAY)


# "room.action": the write, prepared. What it founds is a practice without a version before.
WRITES = {
    "addresses.confirm": _new_address,
    "archives.restore": _restore_practice,
    "attendance.mark": lambda c: partial(
        attendance.mark,
        by=seat_for(c.manager),
        week=WEEK,
        staff=c.owner,
        is_present=True,
        today=TODAY,
    ),
    "baselines.begin": lambda c: partial(
        baselines.begin,
        by=seat_for(c.manager),
        kpi=c.leads,
        from_week=WEEK,
        reason="A new site.",
        today=TODAY,
    ),
    "baselines.end": _end_baseline,
    "batches.record_all": lambda c: partial(
        batches.record_all,
        by=seat_for(c.owner),
        numbers=[batches.Number(stand_for(c.owner, "appointments"), WEEK, Decimal(27))],
    ),
    "calendars.make": lambda c: partial(calendars.make, by=seat_for(c.owner), once="k"),
    "calendars.revoke": lambda c: (
        make_calendar(c.owner) and partial(calendars.revoke, by=seat_for(c.owner))
    ),
    "entries.record": lambda c: partial(
        entries.record, by=stand_for(c.owner, "appointments"), week=WEEK, value=Decimal(27)
    ),
    "follow_ups.promise": lambda c: partial(
        follow_ups.promise,
        by=seat_for(c.manager),
        week=WEEK,
        text="Call back",
        owner=c.owner,
        due_on=TODAY,
        kpi=c.leads,
    ),
    "follow_ups.change": lambda c: _follow_up(
        c, follow_ups.change, version=1, text="Call twice", owner=c.owner, due_on=TODAY
    ),
    "follow_ups.finish": lambda c: _follow_up(c, follow_ups.finish),
    "follow_ups.drop": lambda c: _follow_up(c, follow_ups.drop, reason="Done elsewhere."),
    "follow_ups.reopen": _reopen_follow_up,
    "importing.apply": lambda c: partial(write, c, _draft(c)),
    "importing.undo": _undo,
    "imports.upload": lambda c: partial(_draft, c),
    "imports.answer": lambda c: partial(
        imports.answer, by=seat_for(c.manager), draft=_draft(c), answers=Answers(), today=TODAY
    ),
    "imports.discard": lambda c: partial(imports.discard, by=seat_for(c.manager), draft=_draft(c)),
    "invitations.invite": lambda c: partial(
        invitations.invite, by=seat_for(c.admin), staff=c.member
    ),
    "invitations.invite_team": lambda c: partial(invitations.invite_team, by=seat_for(c.admin)),
    "groups.save": lambda c: partial(
        groups.save,
        by=seat_for(c.admin),
        group=KPIGroup(practice=c.practice, name="Money"),
        today=TODAY,
    ),
    "kpis.add": lambda c: partial(kpis.add, by=seat_for(c.admin), kpi=_new_kpi(c), today=TODAY),
    "kpis.place": lambda c: partial(
        kpis.place, by=seat_for(c.admin), kpi=c.leads, today=TODAY, is_stage=True, after=c.patients
    ),
    "kpis.reorder": lambda c: partial(
        kpis.reorder,
        by=seat_for(c.admin),
        kpis=[c.appointments, c.leads, c.patients],
        today=TODAY,
    ),
    "kpis.save": lambda c: partial(
        kpis.save, by=seat_for(c.admin), kpi=KPI.objects.get(pk=c.leads.pk), today=TODAY
    ),
    "kpis.archive": lambda c: partial(
        kpis.archive, by=seat_for(c.admin), kpi=make_kpi(c.practice, "Spend"), today=TODAY
    ),
    "kpis.restore": _restore_kpi,
    "lineups.apply": lambda c: partial(
        lineups.apply, by=seat_for(c.admin), from_week=WEEK, operation=lambda items: items[::-1]
    ),
    "lineups.begin": lambda c: partial(
        lineups.begin, by=c.superuser, practice=_without_lineup(c), lineup=()
    ),
    "lineups.begin_earlier": lambda c: partial(
        lineups.begin_earlier, practice=_begun_earlier(c.practice)
    ),
    "meetings.start": lambda c: partial(
        meetings.start, by=seat_for(c.manager), week=WEEK, today=TODAY
    ),
    "meetings.turn_to": _turn_to,
    "meetings.pause": _pause,
    "meetings.resume": _resume,
    "meetings.close": lambda c: partial(
        meetings.close, by=seat_for(c.manager), week=WEEK, today=TODAY, seen=dict
    ),
    "meetings.reopen": _reopen,
    "not_brought.mark": lambda c: partial(
        not_brought.mark,
        by=seat_for(c.manager),
        week=WEEK,
        kpi=c.leads,
        is_missing=True,
        today=TODAY,
    ),
    "notes.write": lambda c: partial(
        notes.write,
        by=seat_for(c.manager),
        week=WEEK,
        part="numbers",
        kpi=c.leads,
        text="Holiday",
        version=None,
        today=TODAY,
    ),
    "ownership.assign": lambda c: partial(
        ownership.assign,
        by=seat_for(c.admin),
        kpi=c.appointments,
        staff=c.stand_in,
        starts_on=TODAY,
    ),
    "ownership.end": lambda c: partial(
        ownership.end, by=seat_for(c.admin), kpi=c.leads, ends_on=TODAY
    ),
    "ownership.withdraw": lambda c: partial(
        ownership.withdraw, by=seat_for(c.admin), kpi=c.leads, today=TODAY
    ),
    "ownership.release": lambda c: partial(
        ownership.release, by=seat_for(c.admin), kpi=c.leads, today=TODAY
    ),
    "patient_values.begin": lambda c: partial(
        patient_values.begin, by=c.superuser, practice=_without_value(c), value=Decimal(900)
    ),
    "patient_values.begin_earlier": lambda c: partial(
        patient_values.begin_earlier,
        by=c.superuser,
        practice=_begun_earlier(c.practice),
        was=Week.of(BEGAN),
    ),
    "patient_values.set_from": lambda c: partial(
        patient_values.set_from, by=seat_for(c.admin), value=Decimal(900), today=TODAY
    ),
    "practices.found": lambda c: partial(
        practices.found, by=c.superuser, slug="nova", name="Nova", began_on=BEGAN
    ),
    "practices.change": lambda c: partial(
        practices.change, by=seat_for(c.admin), name="Lumina North"
    ),
    "practices.plan": lambda c: partial(
        practices.plan,
        by=seat_for(c.manager),
        week=WEEK,
        today=TODAY,
        numbers=9,
        ahead=3,
        issues=6,
    ),
    "practices.equip": lambda c: partial(practices.equip, by=c.superuser, practice=c.practice),
    "screens.make": lambda c: partial(screens.make, by=seat_for(c.manager), **_screen()),
    "screens.revoke": lambda c: partial(
        screens.revoke, by=seat_for(c.manager), screen=make_screen(c.practice)[0]
    ),
    "short_weeks.mark": lambda c: partial(short_weeks.mark, **_short_week(c)),
    "short_weeks.unmark": _unmark,
    "staff.accept": _accept,
    "staff.add": _hire,
    "staff.change": lambda c: partial(
        staff.change,
        by=seat_for(c.admin),
        staff=c.member,
        name="Leo",
        title="",
        roles=Role.objects.filter(practice=c.practice, name="Doctor"),
        access=Staff.Access.MEMBER,
        today=TODAY,
    ),
    "staff.deactivate": lambda c: partial(
        staff.deactivate, by=seat_for(c.admin), staff=c.member, today=TODAY
    ),
    "staff.reactivate": _reactivate,
    "staff.wish_recap": lambda c: partial(staff.wish_recap, by=seat_for(c.owner), wants=False),
    "staff.wish_reminders": lambda c: partial(
        staff.wish_reminders, by=seat_for(c.owner), wish="none"
    ),
    "stand_ins.name": lambda c: partial(stand_ins.name, by=seat_for(c.admin), **_stand_in(c)),
    "stand_ins.end": lambda c: partial(
        stand_ins.end,
        by=seat_for(c.admin),
        stand_in=c.appointments.stand_ins.get(),
        ends_on=TODAY,
    ),
    "starts.begin": lambda c: partial(
        starts.begin, by=c.superuser, name="Newton Skin", now=NOW, your_name="Nora"
    ),
    "starts.found_whole": _found_whole,
    "starts.answer": _answer,
    "starts.aim": lambda c: _start(starts.aim, values={}, today=TODAY),
    "starts.go_on": lambda c: _start(starts.go_on, to=4),
    "starts.bring_numbers": lambda c: _start(starts.bring_numbers, began_on=BEGAN),
    "starts.finish": lambda c: _start(starts.finish),
    "targets.set_from": lambda c: partial(
        targets.set_from,
        by=seat_for(c.manager),
        kpi=c.leads,
        from_week=WEEK,
        value=Decimal(80),
    ),
    "targets.drop": _drop_target,
    "tokens.make": lambda c: partial(
        tokens.make,
        by=seat_for(c.owner),
        name="Report",
        expires_on=IN_A_MONTH,
        may_write=False,
        once="k",
    ),
    "tokens.revoke": lambda c: partial(
        tokens.revoke, by=seat_for(c.owner), token=make_token(c.owner)[0]
    ),
    "webhooks.make": lambda c: partial(webhooks.make, by=seat_for(c.admin), **_webhook()),
    "webhooks.revoke": lambda c: partial(
        webhooks.revoke, by=seat_for(c.admin), webhook=make_webhook(c.admin)
    ),
}

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError

from funnel.access import May, Seat, require
from funnel.actions import secrets
from funnel.actions.writing import writes, writing
from funnel.models import KPI, ApiToken, CalendarFeed, Ownership, Practice, Role, Staff, User


@writes
def add(
    *,
    by: Seat,
    email: str,
    name: str,
    title: str = "",
    roles: Iterable[Role] = (),
    access: str = Staff.Access.MEMBER,
) -> Staff:
    """New users set a password by mail; existing ones must `accept`, so their other practices stay
    hidden.
    """
    require(May.CHANGE_STAFF, by, of=by.practice.pk)
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    is_known = user is not None
    if user is None:
        user = User(email=email)
        user.set_unusable_password()
        user.full_clean()
        user.save()
    # Superusers see every practice already.
    has_accepted = not is_known or user == by.user or user.is_superuser
    staff = Staff(practice=by.practice, user=user, has_accepted=has_accepted)
    return _save(staff, by, name=name, title=title, roles=roles, access=access)


@writes
def change(
    *,
    by: Seat,
    staff: Staff,
    name: str,
    title: str,
    roles: Iterable[Role],
    access: str,
    today: date,
) -> Staff:
    """Ownerships stay. Raises ValidationError for an owner as viewer and the last admin."""
    require(May.CHANGE_STAFF, by, of=staff.practice_id)
    locked = _lock(staff)
    if access == Staff.Access.VIEWER and (owned := _owned(locked, today)):
        raise ValidationError(
            {"access": f"{staff.name} owns {owned}. Give it another owner first."}
        )
    if access != Staff.Access.ADMIN:
        _check_not_last_admin(locked, "access")
    return _save(locked, by, name=name, title=title, roles=roles, access=access)


def accept(*, by: User, staff: Staff) -> Staff:
    """Raises PermissionDenied unless one's own active membership."""
    with writing(staff.practice_id):
        locked = _lock(staff)
        require(May.JOIN, by, allowed=locked.user_id == by.pk and locked.is_active)
        if not locked.has_accepted:
            locked.has_accepted = True
            locked._history_user = by
            locked.save()
        return locked


@writes
def deactivate(*, by: Seat, staff: Staff, today: date) -> Staff:
    """Also revoke tokens and calendar. Raises ValidationError with KPIs owned and for the last
    admin.
    """
    require(May.CHANGE_STAFF, by, of=staff.practice_id)
    locked = _lock(staff)
    if owned := _owned(locked, today):
        raise ValidationError(
            {"is_active": f"{staff.name} owns {owned}. Give it another owner first."}
        )
    _check_not_last_admin(locked, "is_active")
    for held in (ApiToken.objects, CalendarFeed.objects):
        secrets.revoke_all(held.filter(staff=locked), by=by)
    return _set_active(locked, by, False)


@writes
def reactivate(*, by: Seat, staff: Staff) -> Staff:
    """Undo `deactivate`, except tokens and calendar."""
    require(May.CHANGE_STAFF, by, of=staff.practice_id)
    return _set_active(_lock(staff), by, True)


@writes
def wish_recap(*, by: Seat, wants: bool) -> Staff:
    """Switch one's own recaps."""
    return _wish(by, "wants_recap", wants)


@writes
def wish_reminders(*, by: Seat, wish: str) -> Staff:
    """Set one's own reminders per meeting."""
    return _wish(by, "reminders", wish)


def _wish(by: Seat, field: str, value: object) -> Staff:
    require(May.GET_MAILS, by)
    assert by.staff is not None  # noqa: S101 - required
    staff = Staff.objects.select_for_update().get(pk=by.staff.pk)
    if getattr(staff, field) != value:
        setattr(staff, field, value)
        staff.clean_fields(exclude=["practice", "user"])
        staff._history_user = by.user
        staff.save()
    return staff


def _lock(staff: Staff) -> Staff:
    """Practice first: two admins who step down do not deadlock."""
    Practice.objects.select_for_update(no_key=True).get(pk=staff.practice_id)
    return Staff.objects.select_for_update().get(pk=staff.pk)


def _owned(staff: Staff, today: date) -> str:
    held = Ownership.objects.not_over(today).filter(staff=staff)
    owned = KPI.objects.filter(pk__in=held.values("kpi")).in_order()
    names = list(owned.values_list("name", flat=True))
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _check_not_last_admin(staff: Staff, field: str) -> None:
    admins = Staff.objects.seated().admins().filter(practice=staff.practice_id)
    if staff.access == Staff.Access.ADMIN and not admins.exclude(pk=staff.pk).exists():
        raise ValidationError({field: f"{staff.name} is the practice's last admin."})


def _save(
    staff: Staff, by: Seat, *, name: str, title: str, roles: Iterable[Role], access: str
) -> Staff:
    roles = list(roles)
    if any(role.practice_id != by.practice.pk for role in roles):
        raise ValidationError({"roles": "Choose roles of this practice."})
    staff.name, staff.title, staff.access = name.strip(), title.strip(), access
    staff.full_clean()
    staff._history_user = by.user
    staff.save()
    if set(staff.roles.all()) != set(roles):
        staff.roles.set(roles)
    return staff


def _set_active(staff: Staff, by: Seat, is_active: bool) -> Staff:
    if staff.is_active != is_active:
        staff.is_active = is_active
        staff._history_user = by.user
        staff.save()
    return staff

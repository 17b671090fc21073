from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from funnel.domain.reminding import ReminderPreference
from funnel.models.practice import Practice
from funnel.models.recorded import Recorded
from funnel.models.role import Role


class StaffQuerySet(models.QuerySet["Staff"]):
    def active(self) -> "StaffQuerySet":
        return self.filter(is_active=True, user__is_active=True)

    def seated(self) -> "StaffQuerySet":
        """They see the practice and get mails."""
        return self.active().filter(has_accepted=True)

    def admins(self) -> "StaffQuerySet":
        return self.filter(access=Staff.Access.ADMIN)

    def managers(self) -> "StaffQuerySet":
        """Including admins."""
        return self.filter(access__in=[Staff.Access.MANAGER, Staff.Access.ADMIN])

    def may_enter(self) -> "StaffQuerySet":
        return self.exclude(access=Staff.Access.VIEWER)

    def eligible_for(self, role: Role) -> "StaffQuerySet":
        return self.active().may_enter().filter(practice_id=role.practice_id, roles=role)


class Staff(Recorded):
    """A membership in one practice.

    One per user (`funnel_staff_once`), valid access (`funnel_staff_access_known`) and reminders
    (`funnel_staff_reminders_known`), invited by someone (`funnel_staff_invited_by_someone`), roles
    of its practice (`funnel_staff_roles_of_practice`).
    """

    class Access(models.TextChoices):
        VIEWER = "viewer", "Viewer: sees"
        MEMBER = "member", "Member: enters what they own or stand in for"
        MANAGER = "manager", "Manager: enters every number, runs meetings, sets targets"
        ADMIN = "admin", "Admin: assigns owners"

    class Reminders(models.TextChoices):
        BOTH = ReminderPreference.BOTH.value, "two reminders"
        LAST = ReminderPreference.LAST.value, "the last one only"
        NONE = ReminderPreference.NONE.value, "none"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="places")
    name = models.CharField(max_length=80, help_text="The name the team uses.")
    title = models.CharField(
        max_length=80, blank=True, help_text="The job title. It has no effect: roles decide."
    )
    roles = models.ManyToManyField(Role, related_name="staff", blank=True)
    access = models.CharField(
        max_length=10,
        choices=Access.choices,
        default=Access.MEMBER,
        error_messages={"invalid_choice": "Choose viewer, member, manager or admin."},
    )
    is_active = models.BooleanField("works here", default=True)
    has_accepted = models.BooleanField(
        "has joined",
        default=True,
        editable=False,
        help_text="Someone who already had a login when they were added joins by themselves.",
    )
    wants_recap = models.BooleanField("gets the recap of each meeting by mail", default=True)
    reminders = models.CharField(
        "reminders of missing numbers by mail",
        max_length=4,
        choices=Reminders.choices,
        default=Reminders.BOTH,
        error_messages={"invalid_choice": "Choose both reminders, the last one only, or none."},
    )
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    history = HistoricalRecords(
        m2m_fields=[roles], excluded_fields=["has_accepted", "invited_at", "invited_by"]
    )
    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "staff"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "user"],
                name="funnel_staff_once",
                violation_error_message="This person already has a place in this practice.",
            ),
            models.CheckConstraint(
                condition=models.Q(access__in=["viewer", "member", "manager", "admin"]),
                name="funnel_staff_access_known",
                violation_error_message="Choose viewer, member, manager or admin.",
            ),
            models.CheckConstraint(
                condition=models.Q(reminders__in=["both", "last", "none"]),
                name="funnel_staff_reminders_known",
                violation_error_message="Choose both reminders, the last one only, or none.",
            ),
            models.CheckConstraint(
                condition=models.Q(invited_at=None, invited_by=None)
                | models.Q(invited_at__isnull=False, invited_by__isnull=False),
                name="funnel_staff_invited_by_someone",
                violation_error_message="An invitation states when and by whom.",
            ),
            # Target of composite foreign keys on PostgreSQL.
            models.UniqueConstraint(fields=["practice", "id"], name="funnel_staff_of_practice"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_seated(self) -> bool:
        return self.is_active and self.has_accepted and self.user.is_active

"""Making the first login of an empty installation."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction

from funnel.access import has_nobody
from funnel.actions.refusals import refusing_when_busy
from funnel.models import User

TOO_LATE = "Someone else has just created the first admin. Sign in, or ask them to invite you."


@refusing_when_busy()
@transaction.atomic
def make(*, email: str, password: str) -> User:
    """Makes the login that reaches every practice, and returns it.

    Two who come first at once are let in one after the other, by a row that every installation
    has: the second finds a login. Raises ValidationError by field, and without one when there is a
    login already; Busy.
    """
    ContentType.objects.select_for_update().get(app_label="funnel", model="user")
    if not has_nobody():
        raise ValidationError(TOO_LATE)
    user = User(email=email.strip().lower(), is_superuser=True)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user

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
    """Create the first superuser. Raises ValidationError if a user exists, even concurrently."""
    ContentType.objects.select_for_update().get(app_label="funnel", model="user")
    if not has_nobody():
        raise ValidationError(TOO_LATE)
    user = User(email=email.strip().lower(), is_superuser=True)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user

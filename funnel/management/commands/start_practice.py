"""Create practices from a file (docs/production.md)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from funnel.access import Seat
from funnel.actions import invitations, starts
from funnel.actions.writing import writing
from funnel.forms.start_file import STAGES, PracticeFileRefused, PracticeRow, read
from funnel.models import Practice, User


class Command(BaseCommand):
    help = "Creates the practices listed in a TOML file, with their people, owners and targets."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", help="the superuser who creates them; by default the first one")
        parser.add_argument(
            "--invite", action="store_true", help="invite everyone in a new practice by mail"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check the whole file and change nothing"
        )

    def handle(self, *, file: Path, by: str | None, invite: bool, dry_run: bool, **_: Any) -> None:
        root = superuser(by)
        present = set(Practice.objects.values_list("slug", flat=True))
        founded, failed = 0, []
        for row in rows_of(file):
            if row.slug in present:
                self.stdout.write(f"{row.slug}: already exists, nothing was changed.")
                continue
            try:
                seat = found(root, row, dry_run=dry_run)
            except (ValidationError, starts.AnswerRefused) as refusal:
                failed += [f"{row.slug}, {sentence}" for sentence in sentences(refusal)]
                continue
            founded += 1
            self.stdout.write(told(row, dry_run=dry_run))
            if invite and not dry_run:
                invited = invitations.invite_team(by=seat)
                names = ", ".join(staff.name for staff in invited) or "no one"
                self.stdout.write(f"{seat.practice.slug}: invited {names}.")
        verb = "Would create" if dry_run else "Created"
        self.stdout.write(f"{verb} {founded} practice{pluralize(founded)}.")
        if failed:
            raise CommandError("\n".join(failed))


def superuser(email: str | None) -> User:
    """Raises CommandError."""
    roots = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    root = (roots.filter(email=email.lower()) if email else roots).first()
    if root is None:
        raise CommandError(
            f"{email} is not a superuser."
            if email
            else "Create a superuser first: createsuperuser."
        )
    return root


def rows_of(file: Path) -> list[PracticeRow]:
    """Raises CommandError with all errors."""
    try:
        return read(file.read_bytes())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except PracticeFileRefused as refusal:
        raise CommandError(f"{file}: nothing was changed.\n{refusal}") from refusal


def found(root: User, row: PracticeRow, *, dry_run: bool) -> Seat:
    """All or nothing; rolled back on a dry run."""
    people = [
        starts.Hired(
            starts.Newcomer(person.name, person.email, person.title),
            person.access,
            person.answers_for,
        )
        for person in row.people
    ]
    with writing():
        seat = starts.found_whole(
            by=root,
            settings=row.settings,
            people=people,
            targets=row.targets,
            now=timezone.now(),
        )
        transaction.set_rollback(dry_run)
    return seat


def told(row: PracticeRow, *, dry_run: bool) -> str:
    owned = {slug for person in row.people for slug in person.answers_for}
    unowned = [slug for slug in STAGES if slug not in owned]
    people = len(row.people)
    verb = "would be created" if dry_run else "created"
    line = f"{row.slug}: {verb} with {people} {'person' if people == 1 else 'people'}"
    return line + (f"; no owner: {', '.join(unowned)}." if unowned else ".")


def sentences(refusal: ValidationError | starts.AnswerRefused) -> list[str]:
    if isinstance(refusal, starts.AnswerRefused):
        return [f"{refusal.kpi.slug}: {text}" for text in refusal.why.messages]
    by_field = refusal.update_error_dict({})
    return [
        text if field == NON_FIELD_ERRORS else f"{field}: {text}"
        for field, errors in by_field.items()
        for text in ValidationError(errors).messages
    ]

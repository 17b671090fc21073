"""Run every minute; each closed meeting's recap goes out once."""

from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from funnel.actions import recaps
from funnel.actions.letters import Letter
from funnel.domain.weeks import Week
from funnel.models import Meeting
from funnel.reports.meeting.recap import build_recap


class Command(BaseCommand):
    help = "Mails the recap of each meeting that was closed to the staff who want it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many would be told and send nothing"
        )

    def handle(self, *, dry_run: bool, **_: Any) -> None:
        told: list[int] = []
        failed: list[str] = []
        for meeting in recaps.due():
            name = f"{meeting.practice.slug} {Week(meeting.week)}"
            try:
                posted = recaps.mail(
                    meeting=meeting, write=partial(write, meeting), dry_run=dry_run
                )
            except OSError as error:
                # The other practices' staff are told all the same.
                failed.append(f"{name}, to be tried again ({error})")
                continue
            told.append(posted.told)
            if posted.refused:
                failed.append(f"{name}, not to {', '.join(posted.refused)}")
        verb = "Would tell" if dry_run else "Told"
        people, meetings = sum(told), sum(count > 0 for count in told)
        self.stdout.write(
            f"{verb} {people} {'person' if people == 1 else 'people'} of {meetings} "
            f"meeting{pluralize(meetings)}."
        )
        if failed:
            raise CommandError(f"Some mail did not go out: {'; '.join(failed)}.")


def write(meeting: Meeting) -> Letter:
    """The meeting's recap as text and HTML, in its practice's own time. Four queries."""
    practice = meeting.practice
    recap = build_recap(practice, Week(meeting.week))
    said = {
        "recap": recap,
        "link": _link("recap", practice.slug, Week(meeting.week)),
        "follow_ups": _link("follow-ups", practice.slug),
        "mails": _link("mails", practice.slug),
    }
    with timezone.override(practice.zone):
        return Letter(
            subject=render_to_string("mail/recap.subject.txt", said),
            text=render_to_string("mail/recap.txt", said),
            html=render_to_string("mail/recap.html", said),
        )


def _link(name: str, *args: Any) -> str:
    return settings.SITE_URL + reverse(name, args=args)

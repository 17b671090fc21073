"""Sending what the outbox holds, as a runner of jobs would."""

import smtplib

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from funnel import jobs
from funnel.models import Message
from funnel.outbox.delivery import deliver
from funnel.senders.sending import sender


def send_all():
    """Send all that is due; how many had which result, by its word."""
    with sender(timezone.now) as send:
        results = deliver(Message.objects.all(), send=send, clock=timezone.now)
    return {result.value: count for result, count in results.items()}


def queue_and_send():
    """Queue all that is due and send it, as `manage.py deliver` does."""
    return {result.value: n for result, n in jobs.everything(timezone.now).items()}


def failing(monkeypatch, *endings, error=None):
    """The mail server refuses mails to addresses that end so, or meets them with `error`."""
    real = EmailMultiAlternatives.send

    def send(message, *args, **kwargs):
        if message.to[0].endswith(endings):
            raise error or smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no")})
        return real(message, *args, **kwargs)

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)

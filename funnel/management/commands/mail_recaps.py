"""A former name of `deliver`, for timers that still call it."""

from funnel.management.commands import deliver


class Command(deliver.Command):
    help = "The same as deliver."

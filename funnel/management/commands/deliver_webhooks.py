"""Former name of `deliver`, for old timers."""

from funnel.management.commands import deliver


class Command(deliver.Command):
    help = "The same as deliver."

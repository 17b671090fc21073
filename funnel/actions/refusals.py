"""How an action says no. A value that cannot stand is Django's ValidationError with its field;
someone who may not is PermissionDenied; the rest is here."""

from funnel.models import WeeklyEntry


class Doubtful(Exception):
    """Possible but improbable: the same call with `confirmed=True` saves it.

    `sentence` asks the person.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SavedInBetween(Exception):
    """Someone saved this number after it was shown; `stored` is theirs, unchanged."""

    def __init__(self, stored: WeeklyEntry) -> None:
        super().__init__("Someone saved this number in between.")
        self.stored = stored

from funnel.domain.weeks import Week


class WeekConverter:
    """404 if the week does not exist."""

    regex = r"\d{4}-W\d{2}"

    def to_python(self, value: str) -> Week:
        return Week.parse(value)

    def to_url(self, week: Week) -> str:
        return str(week)


class NumberConverter:
    """Short enough for both databases."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, number: int) -> str:
        return str(number)

from funnel.domain.weeks import Week


class WeekConverter:
    """`<week:week>` in a URL: an ISO week such as 2026-W47. A week that does not exist is a 404."""

    regex = r"\d{4}-W\d{2}"

    def to_python(self, value: str) -> Week:
        """The week; ValueError, which Django takes for a 404, where there is none."""
        return Week.parse(value)

    def to_url(self, week: Week) -> str:
        """As in 2026-W47."""
        return str(week)


class NumberConverter:
    """`<number:number>` in a URL: a row's number, short enough for both databases."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)

    def to_url(self, number: int) -> str:
        """As in 12."""
        return str(number)

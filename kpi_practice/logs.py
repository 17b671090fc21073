"""What stands in no log."""

import logging
import re

# A token of the API belongs into a header, but someone will put one into an address.
KEY = re.compile(r"(/(?:tv|e|calendar|address)/|kpi_(?=[\w-]{32}))[^/\s?&]+")


class WithoutKeys(logging.Filter):
    """Takes the addresses that are keys out of the lines that name the page asked for: of a screen
    on the wall, of a one-number link, of a calendar, of a new e-mail address; and tokens of the
    API."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if KEY.search(message):
            record.msg, record.args = KEY.sub(r"\1…", message), None
        return True

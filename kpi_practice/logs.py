"""What stands in no log."""

import logging
import re

KEY = re.compile(r"(/(?:tv|e|calendar)/)[^/\s?]+")


class WithoutKeys(logging.Filter):
    """Takes the addresses that are keys out of the lines that name the page asked for: of a screen
    on the wall, of a one-number link, of a calendar."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if KEY.search(message):
            record.msg, record.args = KEY.sub(r"\1…", message), None
        return True

"""What stands in no log."""

import logging
import re

KEY = re.compile(r"(?<=/tv/)[^/\s?]+")


class WithoutKeys(logging.Filter):
    """Takes the address of a screen on the wall, which is its key, out of the lines that name the
    page asked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if KEY.search(message):
            record.msg, record.args = KEY.sub("…", message), None
        return True

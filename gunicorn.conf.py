"""Read by gunicorn automatically; command line options take precedence.

Each thread has one database connection: WEB_CONCURRENCY × threads must stay below PostgreSQL's
max_connections, with a reserve for backups and people.
"""

import os

from gunicorn.glogging import Logger

from kpi_practice.logs import MaskingFormatter

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
# A single synchronous worker would block on a browser's idle connection.
threads = 4
control_socket_disable = True
timeout = 30
graceful_timeout = 20


class logger_class(Logger):  # noqa: N801 - the name of the setting
    """gunicorn's own, with masked lines: it logs the address of a request that it cannot handle."""

    def setup(self, cfg):
        """Replaces the formatters that gunicorn has just set."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                plain = handler.formatter
                handler.setFormatter(MaskingFormatter(plain._fmt, plain.datefmt))


def when_ready(server):
    """Print the address."""
    text = os.environ.get("ANNOUNCEMENT")
    if text:
        print(text, flush=True)  # noqa: T201

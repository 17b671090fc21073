"""Read by gunicorn automatically; command line options take precedence.

Each thread has one database connection: WEB_CONCURRENCY × threads must stay below PostgreSQL's
max_connections, with a reserve for backups and people.
"""

import os

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
# A single synchronous worker would block on a browser's idle connection.
threads = 4
control_socket_disable = True
timeout = 30
graceful_timeout = 20


def when_ready(server):
    """Print the address."""
    text = os.environ.get("ANNOUNCEMENT")
    if text:
        print(text, flush=True)  # noqa: T201

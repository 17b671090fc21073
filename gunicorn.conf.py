"""How gunicorn serves the app; it reads this file by itself, options on its command line win.

Each thread keeps one database connection: WEB_CONCURRENCY × threads must stay below PostgreSQL's
max_connections, with room for backups and for people.
"""

import os

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
# A lone synchronous worker would stall on a browser's idle connection.
threads = 4
control_socket_disable = True
timeout = 30
graceful_timeout = 20


def when_ready(server):
    """Says where the app is, once it can be reached."""
    text = os.environ.get("ANNOUNCEMENT")
    if text:
        print(text, flush=True)  # noqa: T201

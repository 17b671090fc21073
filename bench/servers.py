"""gunicorn as deployed, with one worker."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.databases import ROOT, environment

START_SECONDS = 30
STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    worker: int
    database_url: str

    def cpu_seconds(self) -> float:
        """Nanosecond resolution on Linux."""
        tasks = Path(f"/proc/{self.worker}/task")
        return sum(_on_cpu(task) for task in tasks.iterdir()) / 1e9

    def settled_cpu_seconds(self) -> float:
        """Wait until the worker is idle."""
        before = -1.0
        while (now := self.cpu_seconds()) != before:
            before = now
            time.sleep(0.0005)
        return now


@contextlib.contextmanager
def serving(database_url: str, *, counts: bool = False, misses: bool = False) -> Iterator[Server]:
    """`counts` adds the statements header, `misses` disables the parts cache."""
    changes = {"BENCH_COUNTS": "on"} if counts else {}
    if misses:
        changes["PARTS_CACHE_MB"] = "0"
    with socket.socket() as listener, tempfile.TemporaryFile() as log:
        # The server inherits the open socket, so no other process can take the port.
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        listener.set_inheritable(True)
        command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--log-level", "warning"]
        # Persistent connections must survive while others are measured.
        command += ["--keep-alive", "120"]
        master = subprocess.Popen(
            [*command, "--bind", f"fd://{listener.fileno()}", "kpi_practice.wsgi"],
            cwd=ROOT,
            env=environment(database_url, **changes),
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
        try:
            worker = _worker_of(master, log)
            try:
                yield Server(listener.getsockname()[1], worker, database_url)
            finally:
                _stop(master, worker)
        finally:
            _stop(master)


def _worker_of(master: subprocess.Popen, log) -> int:
    """Raises RuntimeError with the log after a timeout."""
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children")
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and master.poll() is None:
        pids = children.read_text(encoding="ascii").split()
        if pids:
            return int(pids[0])
        time.sleep(0.05)
    log.seek(0)
    raise RuntimeError(f"gunicorn did not start:\n{log.read().decode(errors='replace')}")


def _stop(master: subprocess.Popen, worker: int | None = None) -> None:
    if master.poll() is None:
        master.send_signal(signal.SIGQUIT)
        try:
            master.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            master.kill()
            master.wait()
            if worker is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def _on_cpu(task: Path) -> int:
    try:
        return int((task / "schedstat").read_text(encoding="ascii").split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0

from hashlib import sha256
from pathlib import Path

FOLDERS = ("funnel", "kpi_practice", "static", "templates")
FILES = ("package-lock.json", "requirements.txt")
SUFFIXES = frozenset({".py", ".html", ".txt", ".xml", ".js", ".css", ".svg"})


def digest(root: Path) -> str:
    """Changes with the sources only."""
    paths = [
        path
        for folder in FOLDERS
        for path in (root / folder).rglob("*")
        if path.suffix in SUFFIXES and path.is_file()
    ]
    paths += [path for name in FILES if (path := root / name).exists()]
    found = sha256()
    for path in sorted(paths):
        found.update(f"{path.relative_to(root).as_posix()}\n".encode())
        found.update(sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]

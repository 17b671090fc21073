"""Serve listed npm files as `vendor/…`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage, Storage

from kpi_practice.env import BASE_DIR

NODE_MODULES = BASE_DIR / "node_modules"

# URL: file below node_modules. With source maps, because the manifest storage requires them.
FILES = {
    "vendor/bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
    "vendor/chartjs/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "vendor/chartjs/chart.umd.min.js.map": "chart.js/dist/chart.umd.min.js.map",
}


class VendorStorage(FileSystemStorage):
    def path(self, name: str) -> str:
        """Raises KeyError for other names."""
        return str(NODE_MODULES / FILES[name])


class VendorFinder(BaseFinder):
    def __init__(self, app_names: Iterable[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self.storage = VendorStorage(location=NODE_MODULES)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        name = str(path).replace("\\", "/")
        found = [self.storage.path(name)] if name in FILES and _is_installed(name) else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name in FILES:
            if _is_installed(name):
                yield name, self.storage


def missing_files() -> list[Path]:
    return [NODE_MODULES / FILES[name] for name in FILES if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    return (NODE_MODULES / FILES[name]).is_file()


@register()
def check_vendor_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    missing = missing_files()
    if not missing:
        return []
    names = ", ".join(str(path.relative_to(NODE_MODULES)) for path in missing)
    return [
        Error(
            f"Browser files are missing: {names}.",
            hint="Run npm ci (python3 dev.py run does it for you).",
            id="kpi_practice.E001",
        )
    ]

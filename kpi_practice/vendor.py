"""Serves the browser files npm installed as `vendor/…`, and those alone."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage, Storage

from kpi_practice.env import BASE_DIR

NODE_MODULES = BASE_DIR / "node_modules"

# Address below STATIC_URL: file below node_modules. Source maps come along because the manifest
# storage refuses a file whose map is missing.
FILES = {
    "vendor/bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/bootstrap/bootstrap.min.css.map": "bootstrap/dist/css/bootstrap.min.css.map",
    "vendor/chartjs/chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "vendor/chartjs/chart.umd.min.js.map": "chart.js/dist/chart.umd.min.js.map",
}


class VendorStorage(FileSystemStorage):
    """Reads the listed files under their public names; knows no others."""

    def path(self, name: str) -> str:
        """The file behind a public name. Raises KeyError for a name not on the list."""
        return str(NODE_MODULES / FILES[name])


class VendorFinder(BaseFinder):
    """Offers the listed files to the development server, to WhiteNoise and to collectstatic."""

    def __init__(self, app_names: Iterable[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self.storage = VendorStorage(location=NODE_MODULES)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Nothing to configure, so nothing to complain of."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file's path; without one an empty list, as Django's finders answer."""
        name = str(path).replace("\\", "/")
        found = [self.storage.path(name)] if name in FILES and _is_installed(name) else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Every listed file that is installed."""
        for name in FILES:
            if _is_installed(name):
                yield name, self.storage


def missing_files() -> list[Path]:
    """The listed files that npm has not installed, below node_modules."""
    return [NODE_MODULES / FILES[name] for name in FILES if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    return (NODE_MODULES / FILES[name]).is_file()


@register()
def check_vendor_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error that names the missing browser files and the command that installs them."""
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

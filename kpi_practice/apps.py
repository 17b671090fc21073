"""The project as an app: it owns the cache's table and the checks of an installation."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the check that the browser files are installed."""

    name = "kpi_practice"
    verbose_name = "Installation"

    def ready(self) -> None:
        """Importing registers the checks."""
        from kpi_practice import vendor  # noqa: F401

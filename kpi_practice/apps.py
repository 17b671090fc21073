"""The project as an app: it owns the cache's table and the checks of an installation."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig
from django.db import connection


class ProjectConfig(AppConfig):
    """Registers what the installation checks."""

    name = "kpi_practice"
    verbose_name = "Installation"

    def ready(self) -> None:
        """Importing registers the checks. PostgreSQL is waited for as `waits` says."""
        from kpi_practice import vendor  # noqa: F401

        if connection.vendor == "postgresql" and settings.DATABASE_PATIENCE:
            from kpi_practice import waits

            waits.install(settings.DATABASE_PATIENCE)


class MeetingAdminConfig(SimpleAdminConfig):
    """The admin with our site and our models alone.

    Nothing else is discovered: a library's own admin would show every practice's rows.
    """

    default_site = "funnel.admin.site.MeetingAdminSite"

    def ready(self) -> None:
        """Importing puts each model on the site."""
        super().ready()
        from funnel.admin import register  # noqa: F401

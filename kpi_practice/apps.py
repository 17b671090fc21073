from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig
from django.db import connection


class ProjectConfig(AppConfig):
    name = "kpi_practice"
    verbose_name = "Installation"

    def ready(self) -> None:
        from kpi_practice import vendor  # noqa: F401

        if connection.vendor == "postgresql" and settings.DATABASE_PATIENCE:
            from kpi_practice import waits

            waits.install(settings.DATABASE_PATIENCE)


class MeetingAdminConfig(SimpleAdminConfig):
    """No autodiscovery: admins of libraries show all practices."""

    default_site = "funnel.admin.site.MeetingAdminSite"

    def ready(self) -> None:
        super().ready()
        from funnel.admin import register  # noqa: F401

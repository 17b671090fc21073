from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class ProjectConfig(AppConfig):
    name = "kpi_practice"
    verbose_name = "Installation"

    def ready(self) -> None:
        from kpi_practice import vendor  # noqa: F401


class MeetingAdminConfig(SimpleAdminConfig):
    """No autodiscovery: admins of libraries show all practices."""

    default_site = "funnel.admin.site.MeetingAdminSite"

    def ready(self) -> None:
        super().ready()
        from funnel.admin import register  # noqa: F401

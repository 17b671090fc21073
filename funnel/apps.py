from django.apps import AppConfig


class FunnelConfig(AppConfig):
    """The weekly KPI meeting: the one app of the project."""

    name = "funnel"
    verbose_name = "Weekly KPI meeting"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class FunnelConfig(AppConfig):
    name = "funnel"
    verbose_name = "Weekly KPI meeting"
    default_auto_field = "django.db.models.BigAutoField"

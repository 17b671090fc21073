from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from kpi_practice.account_pages import (
    CLOSED,
    KEY_PATH,
    REAUTHENTICATED,
    closed,
    set_password,
)
from kpi_practice.health import healthz, readyz
from kpi_practice.sign_in import sign_in

# Otherwise the admin's form has no rate limit and no second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "kpi_practice.unavailable.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    # Before allauth's own.
    path("accounts/login/", sign_in, name="account_login"),
    *(path(f"accounts/{route}", closed, name=name) for route, name in CLOSED.items()),
    *(
        path(f"accounts/{route}", view, name=name)
        for route, (name, view) in REAUTHENTICATED.items()
    ),
    re_path(KEY_PATH, set_password, name="account_reset_password_from_key"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("funnel.urls")),
]

from django.urls import include, path

from bench.floor import floor, old_floor
from funnel.actions import tokens

# No rate limit.
tokens.MOST = 10**9

urlpatterns = [
    path("bench/floor/<slug:slug>/", floor, name="floor"),
    path("bench/old-floor/<slug:slug>/", old_floor, name="old-floor"),
    path("", include("kpi_practice.urls")),
]

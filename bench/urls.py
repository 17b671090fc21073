"""The addresses of the whole site and the floor's."""

from django.urls import include, path

from bench.floor import floor

urlpatterns = [
    path("bench/floor/<slug:slug>/", floor, name="floor"),
    path("", include("kpi_practice.urls")),
]

from django.urls import path, register_converter

from funnel.converters import WeekConverter
from funnel.views.dashboard import dashboard
from funnel.views.enter import enter
from funnel.views.enter_number import enter_number
from funnel.views.home import home
from funnel.views.responsibilities import responsibilities

register_converter(WeekConverter, "week")

urlpatterns = [
    path("", home, name="home"),
    path("practices/<slug:slug>/", dashboard, name="dashboard"),
    path("practices/<slug:slug>/enter/", enter, name="enter"),
    path("practices/<slug:slug>/enter/<week:week>/", enter, name="enter"),
    path("practices/<slug:slug>/enter/<week:week>/<slug:kpi>/", enter_number, name="enter-number"),
    path("practices/<slug:slug>/responsibilities/", responsibilities, name="responsibilities"),
    path("practices/<slug:slug>/<week:week>/", dashboard, name="dashboard"),
]

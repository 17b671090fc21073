from django.urls import URLPattern, URLResolver, include, path, register_converter

from funnel.api.routes import addresses
from funnel.converters import NumberConverter, WeekConverter
from funnel.views.address import address
from funnel.views.baseline import baseline
from funnel.views.calendar import calendar
from funnel.views.confirm_address import confirm_address
from funnel.views.dashboard import dashboard
from funnel.views.end_baseline import end_baseline
from funnel.views.enter import enter
from funnel.views.enter_number import enter_number
from funnel.views.export import export
from funnel.views.export_file import export_file
from funnel.views.follow_up import follow_up
from funnel.views.follow_ups import follow_ups
from funnel.views.history import history
from funnel.views.home import home
from funnel.views.join import join
from funnel.views.mails import mails
from funnel.views.meeting import meeting
from funnel.views.meeting_agenda import meeting_agenda
from funnel.views.meeting_attendance import meeting_attendance
from funnel.views.meeting_close import meeting_close
from funnel.views.meeting_follow_up import meeting_follow_up
from funnel.views.meeting_note import meeting_note
from funnel.views.meeting_number import meeting_number
from funnel.views.meeting_reopen import meeting_reopen
from funnel.views.meeting_state import meeting_state
from funnel.views.meetings import meetings
from funnel.views.one_number import one_number
from funnel.views.recap import recap
from funnel.views.responsibilities import responsibilities
from funnel.views.scorecard import scorecard
from funnel.views.screen import screen
from funnel.views.screens import screens
from funnel.views.seen_board import seen_board
from funnel.views.short_week import short_week
from funnel.views.spreadsheet import spreadsheet
from funnel.views.spreadsheet_file import spreadsheet_file
from funnel.views.start import start
from funnel.views.start_practice import start_practice
from funnel.views.start_spreadsheet import start_spreadsheet
from funnel.views.start_summary import start_summary
from funnel.views.start_targets import start_targets
from funnel.views.start_who import start_who
from funnel.views.token import token
from funnel.views.tokens import tokens
from funnel.views.tv import tv
from funnel.views.webhook import webhook
from funnel.views.webhooks import webhooks

register_converter(WeekConverter, "week")
register_converter(NumberConverter, "number")

Pattern = URLPattern | URLResolver

of_a_meeting: list[Pattern] = [
    path("", meeting, name="meeting"),
    path("state/", meeting_state, name="meeting-state"),
    path("agenda/", meeting_agenda, name="meeting-agenda"),
    path("attendance/", meeting_attendance, name="meeting-attendance"),
    path("notes/<slug:part>/", meeting_note, name="meeting-note"),
    path("notes/<slug:part>/<slug:kpi>/", meeting_note, name="meeting-note"),
    path("numbers/<slug:kpi>/", meeting_number, name="meeting-number"),
    path("follow-ups/", meeting_follow_up, name="meeting-follow-up"),
    path("close/", meeting_close, name="meeting-close"),
    path("reopen/", meeting_reopen, name="meeting-reopen"),
    path("recap/", recap, name="recap"),
    path("board/", seen_board, name="seen-board"),
]

of_a_practice: list[Pattern] = [
    path("", dashboard, name="dashboard"),
    path("enter/", enter, name="enter"),
    path("enter/<week:week>/", enter, name="enter"),
    path("enter/<week:week>/<slug:kpi>/", enter_number, name="enter-number"),
    path("responsibilities/", responsibilities, name="responsibilities"),
    path("scorecard/", scorecard, name="scorecard"),
    path("kpis/<slug:kpi>/", history, name="history"),
    path("kpis/<slug:kpi>/baselines/", baseline, name="baseline"),
    path("kpis/<slug:kpi>/baselines/end/", end_baseline, name="end-baseline"),
    path("meetings/", meetings, name="meetings"),
    path("meeting/", meeting, name="meeting"),
    path("meeting/<week:week>/", include(of_a_meeting)),
    path("follow-ups/", follow_ups, name="follow-ups"),
    path("follow-ups/<number:number>/", follow_up, name="follow-up"),
    path("export/", export, name="export"),
    path("export/<slug:what>.<slug:fmt>", export_file, name="export-file"),
    path("mails/", mails, name="mails"),
    path("import/", spreadsheet, name="import"),
    path("import/<number:number>/", spreadsheet_file, name="import-file"),
    path("screens/", screens, name="screens"),
    path("screens/<number:number>/", screen, name="screen"),
    path("webhooks/", webhooks, name="webhooks"),
    path("webhooks/<number:number>/", webhook, name="webhook"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<number:number>/", token, name="token"),
    path("<week:week>/", dashboard, name="dashboard"),
    path("<week:week>/short/", short_week, name="short-week"),
]

of_a_start: list[Pattern] = [
    path("", start_practice, name="start-practice"),
    path("who/", start_who, name="start-who"),
    path("targets/", start_targets, name="start-targets"),
    path("spreadsheet/", start_spreadsheet, name="start-spreadsheet"),
    path("summary/", start_summary, name="start-summary"),
]

urlpatterns = [
    path("", home, name="home"),
    path("join/<slug:slug>/", join, name="join"),
    path("address/", address, name="address"),
    path("address/<str:token>/", confirm_address, name="confirm-address"),
    path("start/", start, name="start"),
    path("start/<slug:slug>/", include(of_a_start)),
    path("api/v1/", include(addresses())),
    path("tv/<slug:token>/", tv, name="tv"),
    path("e/<str:token>/", one_number, name="one-number"),
    path("calendar/<slug:token>.ics", calendar, name="calendar"),
    path("practices/<slug:slug>/", include(of_a_practice)),
]

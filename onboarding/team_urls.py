"""Onboarding as the team sees it: all addresses named `onboarding:…`."""

from django.urls import include, path

from onboarding.views import on_account, reports
from onboarding.views.board import hours, listing, page, saved, sessions
from onboarding.views.sessions import acts, page as session_page

app_name = "onboarding"
urlpatterns = [
    path("", include("onboarding.settings_urls")),
    path("onboarding/", page.onboarding_board, name="board"),
    path("onboarding/list/", listing.checklist_list, name="list"),
    path("onboarding/list.csv", listing.list_export, name="list_export"),
    path("onboarding/hours/", hours.team_hours, name="hours"),
    path("onboarding/reports/", reports.reports, name="reports"),
    path("onboarding/reports/<slug:part>.csv", reports.report_export, name="report_export"),
    path("onboarding/views/", saved.save, name="views"),
    path("onboarding/views/<int:pk>/", saved.edit, name="view"),
    path("onboarding/views/<int:pk>/delete/", saved.delete, name="view_delete"),
    path("onboarding/sessions/", sessions.session_days, name="sessions"),
    path("onboarding/sessions/all/", sessions.session_list, name="session_list"),
    path("onboarding/sessions/<int:pk>/", session_page.session, name="session"),
    path("onboarding/sessions/<int:pk>/seats/<int:seat>/", acts.mark, name="session_mark"),
    path("onboarding/sessions/<int:pk>/notes/", acts.write_up, name="session_write_up"),
    path("onboarding/sessions/<int:pk>/move/", acts.move, name="session_move"),
    path("onboarding/sessions/<int:pk>/cancel/", acts.cancel, name="session_cancel"),
    path("accounts/<int:pk>/checklist/", on_account.panel, name="checklist"),
    path("accounts/<int:pk>/checklist/start/", on_account.start, name="checklist_start"),
    path("accounts/<int:pk>/checklist/cancel/", on_account.cancel, name="checklist_cancel"),
    path("accounts/<int:pk>/checklist/<int:step>/", on_account.act, name="checklist_step"),
    path("accounts/<int:pk>/sessions/", sessions.account_sessions, name="account_sessions"),
]

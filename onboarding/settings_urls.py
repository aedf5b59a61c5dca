"""Settings of sessions, in the namespace of the team's addresses."""

from django.urls import include, path

from onboarding.views import hours, session_types

urlpatterns = [
    path("", include("onboarding.template_urls")),
    path("settings/hours/", hours.mine, name="my_hours"),
    path("settings/hours/team/", hours.everybody, name="hours_team"),
    path("settings/hours/team/<int:pk>/", hours.theirs, name="hours_of"),
    path("settings/session-types/", session_types.session_type_list, name="session_types"),
    path("settings/session-types/add/", session_types.session_type_add, name="session_type_add"),
    path("settings/session-types/preview/", session_types.session_type_preview, name="session_type_preview"),
    path("settings/session-types/<int:pk>/", session_types.session_type_edit, name="session_type"),
    path("settings/session-types/<int:pk>/copy/", session_types.session_type_copy, name="session_type_copy"),
    path("settings/session-types/<int:pk>/offer/", session_types.session_type_offer, name="session_type_offer"),
    path("settings/session-types/<int:pk>/delete/", session_types.session_type_delete, name="session_type_delete"),
]

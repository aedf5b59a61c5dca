from django.urls import include, path

from accounts.views import calendars
from accounts.views.settings import audit, deliveries, home, playbooks, rules, segments, tokens, users

urlpatterns: list = [
    path("", home.home, name="home"),
    path("profile/", home.profile, name="profile"),
    path("users/", users.user_list, name="users"),
    path("users/add/", users.user_add, name="user_add"),
    path("users/<int:pk>/", users.user_edit, name="user"),
    path("users/<int:pk>/deactivate/", users.user_deactivate, name="user_deactivate"),
    path("users/<int:pk>/activate/", users.user_activate, name="user_activate"),
    path("users/<int:pk>/link/", users.user_link, name="user_link"),
    path("assignment/", segments.assignment, name="assignment"),
    path("segments/", segments.segment_list, name="segments"),
    path("segments/add/", segments.segment_add, name="segment_add"),
    path("segments/<int:pk>/", segments.segment_edit, name="segment"),
    path("segments/<int:pk>/delete/", segments.segment_delete, name="segment_delete"),
    path("playbooks/", playbooks.playbook_list, name="playbooks"),
    path("playbooks/add/", playbooks.playbook_add, name="playbook_add"),
    path("playbooks/<int:pk>/", playbooks.playbook_edit, name="playbook"),
    path("playbooks/<int:pk>/on/", playbooks.playbook_on, name="playbook_on"),
    path("playbooks/<int:pk>/off/", playbooks.playbook_off, name="playbook_off"),
    path("playbooks/<int:pk>/try/", playbooks.playbook_try, name="playbook_try"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<slug:key>/", rules.rule_list, name="rules"),
    path("", include("accounts.urls.prices")),
    path("", include("accounts.urls.webhooks")),
    path("calendars/", calendars.calendar_list, name="calendars"),
    path("calendars/add/", calendars.calendar_add, name="calendar_add"),
    path("calendars/<int:pk>/revoke/", calendars.calendar_revoke, name="calendar_revoke"),
    path("deliveries/", deliveries.delivery_list, name="deliveries"),
    path("deliveries/<int:pk>/again/", deliveries.delivery_again, name="delivery_again"),
    path("audit/", audit.audit, name="audit"),
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/add/", tokens.token_add, name="token_add"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
]

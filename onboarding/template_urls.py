"""Addresses of checklist templates and touch models."""

from django.urls import path

from onboarding.views import touch
from onboarding.views.templates import applying, editing, listing, versions

urlpatterns = [
    path("settings/checklists/", listing.template_list, name="templates"),
    path("settings/checklists/add/", listing.template_add, name="template_add"),
    path("settings/checklists/text/", editing.text_preview, name="template_text"),
    path("settings/checklists/<int:pk>/", listing.template_page, name="template"),
    path("settings/checklists/<int:pk>/edit/", editing.template_edit, name="template_edit"),
    path("settings/checklists/<int:pk>/edit/<slug:key>/", editing.template_step, name="template_step"),
    path("settings/checklists/<int:pk>/retire/", listing.template_retire, name="template_retire"),
    path("settings/checklists/<int:pk>/back/", listing.template_back, name="template_back"),
    path("settings/checklists/versions/<int:pk>/", versions.version_page, name="version"),
    path("settings/checklists/versions/<int:pk>/publish/", versions.version_publish, name="version_publish"),
    path("settings/checklists/versions/<int:pk>/again/", versions.version_again, name="version_again"),
    path("settings/checklists/versions/<int:pk>/drop/", versions.version_drop, name="version_drop"),
    path("settings/checklists/versions/<int:pk>/apply/", applying.version_apply, name="version_apply"),
    path("settings/checklists/applied/<int:pk>/", applying.rollout_page, name="rollout"),
    path("accounts/<int:pk>/touch/", touch.panel, name="touch"),
    path("accounts/<int:pk>/touch/choose/", touch.choose_model, name="touch_choose"),
]

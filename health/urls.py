from django.urls import path

from health.views import actions, panels, readings, scoring, voice
from health.views.surveys import answering

urlpatterns = [
    path("accounts/<int:pk>/health/", panels.panel, name="panel"),
    path("accounts/<int:pk>/health/moves/", panels.health_moves, name="moves"),
    path("accounts/<int:pk>/pulse/", panels.pulse, name="pulse"),
    path("accounts/<int:pk>/usage/", readings.usage, name="usage"),
    path("accounts/<int:pk>/tickets/", readings.tickets, name="tickets"),
    path("accounts/<int:pk>/invoices/", readings.invoices, name="invoices"),
    path("settings/scoring/", scoring.scoring, name="scoring"),
    path("settings/scoring/models/add/", scoring.model_add, name="model_add"),
    path("settings/scoring/models/<int:pk>/", scoring.model_edit, name="model"),
    path("settings/scoring/recompute/", scoring.recompute, name="recompute"),
    path("settings/scoring/recompute/<int:pk>/", scoring.recompute_progress, name="recompute_progress"),
    path("settings/scoring/frozen/<int:pk>/release/", scoring.release, name="release"),
    path("settings/actions/", actions.actions, name="actions"),
    path("settings/actions/<int:pk>/", actions.action_edit, name="action"),
    path("voice/", voice.voice, name="voice"),
    path("voice/export/", voice.voice_export, name="voice_export"),
    path("n/<str:token>/", answering.survey, name="survey"),
    path("n/<str:token>/seen/", answering.seen, name="survey_seen"),
    path("n/<str:token>/more/", answering.trap, name="survey_trap"),
]

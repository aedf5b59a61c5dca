from django.urls import path

from accounts.api.urls import ACCOUNT
from health.api import batches, surveys, views

urlpatterns = [
    path(f"{ACCOUNT}/tickets/<external:ticket_id>", views.TicketDetail.as_view()),
    path(f"{ACCOUNT}/invoices/<external:invoice_id>", views.InvoiceDetail.as_view()),
    path(f"{ACCOUNT}/health", views.Health.as_view()),
    path(f"{ACCOUNT}/health/moves", views.HealthMoves.as_view()),
    path("usage", batches.Usage.as_view()),
    path("readings", batches.Readings.as_view()),
    path("surveys/<slug:slug>/answers", surveys.SurveyAnswers.as_view()),
    path("metrics/nps", surveys.Nps.as_view()),
]

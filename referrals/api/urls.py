from django.urls import path

from referrals.api import incentives, metrics, views

urlpatterns = [
    path("referrals", views.Referrals.as_view()),
    path("conversions", views.Conversions.as_view()),
    path("refunds", views.Refunds.as_view()),
    path("partners/<int:pk>/ledger", views.PartnerLedger.as_view()),
    path("incentives", incentives.IncentiveList.as_view()),
    path("incentives/<int:pk>", incentives.IncentiveDetail.as_view()),
    path("metrics/referrals", metrics.ReferralFigures.as_view()),
]

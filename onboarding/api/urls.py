from django.urls import path

from onboarding.api import metrics, views

urlpatterns = [
    path("session-types", views.SessionTypeList.as_view()),
    path("session-types/<external:slug>/slots", views.SlotList.as_view()),
    path("sessions", views.BookingList.as_view()),
    path("sessions/<int:pk>", views.BookingDetail.as_view()),
    path("metrics/onboarding", metrics.Onboarding.as_view()),
]

from django.urls import path

from accounts.views import intent, unsubscribe

urlpatterns = [
    path("i/<str:token>/", intent.intent, name="intent"),
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]

from django.urls import path

from accounts.views import unsubscribe

urlpatterns = [path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe")]

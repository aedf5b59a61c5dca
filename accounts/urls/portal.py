"""Customers' own pages, by their personal link."""

from django.urls import path

from accounts.views.portal import change, home, leave

urlpatterns = [
    path("c/<str:token>/", home.home, name="portal"),
    path("c/<str:token>/plan/<int:pk>/", change.change, name="portal-change"),
    path("c/<str:token>/plan/<int:pk>/confirm/", change.confirm, name="portal-confirm"),
    path("c/<str:token>/plan/<int:pk>/undo/", change.undo, name="portal-undo"),
    path("c/<str:token>/plan/<int:pk>/cancel/", leave.cancel, name="portal-cancel"),
    path("c/<str:token>/plan/<int:pk>/keep/", leave.keep, name="portal-keep"),
]

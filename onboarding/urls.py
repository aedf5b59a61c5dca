from django.urls import include, path

from onboarding.views import booking

urlpatterns = [
    path("", include("onboarding.team_urls")),
    path("book/<slug:slug>/", booking.book, name="book"),
    path("c/<str:token>/book/<slug:slug>/", booking.book_as_contact, name="book-as-contact"),
    path("b/<str:token>/", booking.show, name="booking"),
    path("b/<str:token>/move/", booking.move, name="booking-move"),
    path("b/<str:token>/cancel/", booking.cancel, name="booking-cancel"),
]

from django.urls import include, path

from onboarding.views import booked, booking, checklist

urlpatterns = [
    path("", include("onboarding.team_urls")),
    path("book/<slug:slug>/", booking.book, name="book"),
    path("c/<str:token>/checklist/", checklist.checklist, name="checklist"),
    path("c/<str:token>/checklist/join/", checklist.join, name="checklist-join"),
    path("c/<str:token>/checklist/invite/", checklist.invite, name="checklist-invite"),
    path("c/<str:token>/checklist/<int:pk>/done/", checklist.tick, name="checklist-tick"),
    path("c/<str:token>/checklist/<int:pk>/open/", checklist.untick, name="checklist-untick"),
    path("c/<str:token>/book/<slug:slug>/", booking.book_as_contact, name="book-as-contact"),
    path("b/<str:token>/", booked.show, name="booking"),
    path("b/<str:token>/move/", booked.move, name="booking-move"),
    path("b/<str:token>/again/", booking.again, name="booking-again"),
    path("b/<str:token>/cancel/", booked.cancel, name="booking-cancel"),
]

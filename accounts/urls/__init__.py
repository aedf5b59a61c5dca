from django.urls import include, path

from accounts.views import appearance, calendars, style

urlpatterns = [
    path("theme/", appearance.theme, name="theme"),
    path("calendar/<str:secret>.ics", calendars.calendar, name="calendar"),
    path("settings/style/", style.style, name="style"),
    path("", include("accounts.urls.portal")),
    path("", include("accounts.urls.queue")),
    path("", include("accounts.urls.visitors")),
    path("outbox/", include("accounts.urls.outbox")),
    path("accounts/", include(("accounts.urls.customers", "accounts"))),
    path("renewals/", include(("accounts.urls.renewals", "renewals"))),
    path("numbers/", include(("accounts.urls.numbers", "numbers"))),
    path("settings/imports/", include(("accounts.urls.imports", "imports"))),
    path("settings/", include(("accounts.urls.settings", "settings"))),
]

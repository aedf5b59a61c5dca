from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls.queue")),
    path("accounts/", include(("accounts.urls.customers", "accounts"))),
    path("settings/imports/", include(("accounts.urls.imports", "imports"))),
    path("settings/", include(("accounts.urls.settings", "settings"))),
]

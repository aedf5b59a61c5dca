from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.views import second_factor
from config import api

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    # First, since programs call more often than people do and addresses are tried in their order.
    path("api/v1/", include("config.api")),
    path("", include("accounts.urls")),
    path("", include(("health.urls", "health"))),
    path("", include("onboarding.urls")),
    path("", include(("referrals.urls", "referrals"))),
    path("api/schema/", api.Schema.as_view(), name="schema"),
    path("api/docs/", api.docs, name="api-docs"),
    path("", include("allauth.account.urls")),
    path("security/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("security/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("admin/", admin.site.urls),
]
handler400, handler403 = "config.refusals.bad_request", "config.refusals.not_allowed"
handler404, handler500 = "config.refusals.not_found", "config.refusals.broken"
# Where sending services tell what became of mails: only with the secret that they prove themselves with.
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("mail-webhooks/", include("anymail.urls")))

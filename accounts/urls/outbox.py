from django.urls import path

from accounts.views import outbox

urlpatterns = [
    path("", outbox.outbox, name="outbox"),
    path("opt-outs/", outbox.opt_outs, name="outbox-opt-outs"),
    path("opt-outs/<int:pk>/end/", outbox.opt_out_end, name="outbox-opt-out-end"),
    path("<int:pk>/", outbox.mail, name="outbox-mail"),
    path("<int:pk>/html/", outbox.html, name="outbox-html"),
    path("<int:pk>/again/", outbox.again, name="outbox-again"),
    path("<int:pk>/cancel/", outbox.cancel, name="outbox-cancel"),
]

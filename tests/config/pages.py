"""Pages for testing what happens around pages."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.exceptions import Conflict, DomainError


def template(source, context=None, request=None):
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def whoami(request):
    return HttpResponse(f"{gettext('Monday')} {timezone.get_current_timezone_name()}")


def refuse(request):
    raise DomainError("Weights add to 90, not 100.", errors={"weight": ["Ten are missing."]})


def conflict(request):
    raise Conflict("Somebody was faster.")


def bug(request):
    raise ValueError("secret detail")


def go(request):
    messages.success(request, "Done.")
    response = redirect("/whoami/?x=1")
    response.set_cookie("kept", "yes")
    return response


def say(request):
    messages.success(request, "Saved “it”.")
    messages.error(request, "But look.")
    response = HttpResponse("<p>part</p>")
    if trigger := request.GET.get("trigger"):
        response["HX-Trigger"] = trigger
    return response


def say_in_page(request):
    messages.info(request, "Shown in the page.")
    return template("{% for m in messages %}{{ m }}{% endfor %}", {}, request)


@require_POST
def write(request):
    return HttpResponse("written")


@login_not_required
def public(request):
    return whoami(request)


urlpatterns = [
    path("whoami/", whoami),
    path("refuse/", refuse),
    path("conflict/", conflict),
    path("bug/", bug),
    path("go/", go),
    path("say/", say),
    path("say-in-page/", say_in_page),
    path("write/", write),
    path("public/", public),
    path("", include("allauth.account.urls")),
]

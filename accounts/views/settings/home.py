from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.forms.settings import ProfileForm
from accounts.http import Request, posted


def home(request: Request) -> HttpResponse:
    """What can be set, as far as the reader may; for most people that is their own profile."""
    return render(request, "accounts/settings/home.html")


def profile(request: Request) -> HttpResponse:
    form = ProfileForm(posted(request), instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("settings:profile")
    return render(
        request, "accounts/settings/profile.html", {"form": form}, status=422 if request.method == "POST" else 200
    )

"""The team's load, above the queue of whoever leads it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.domain.workload import loads
from accounts.http import Request, requires


@require_safe
@requires("followup.view")
def team(request: Request) -> HttpResponse:
    return render(request, "accounts/queue/team.html", {"loads": loads(request.user, timezone.now())})

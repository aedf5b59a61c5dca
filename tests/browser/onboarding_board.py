"""Pages of the board, sessions, hours and reports, by name and address (see pages.py)."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from accounts.models import SavedView, User
from onboarding.models import Session


def board_pages() -> Iterator[tuple[str, str]]:
    for name in ("board", "sessions", "hours", "reports", "list", "session_list", "views"):
        yield f"onboarding-{name}", reverse(f"onboarding:{name}") + "?who=team"
    yield "onboarding-nothing-found", reverse("onboarding:board") + "?who=team&q=nobody+at+all"
    yield "onboarding-list-empty", reverse("onboarding:list") + "?who=team&q=nobody+at+all"
    yield "onboarding-reports-empty", reverse("onboarding:reports") + "?from=2001-01-01&to=2001-01-02"
    admin = User.objects.get(email="admin@tenure.example")
    view = SavedView.objects.get_or_create(user=admin, page="onboarding", name="High touch", query="touch=high")[0]
    yield "onboarding-view", reverse("onboarding:view", args=[view.pk])
    sessions = Session.objects.filter(account__isnull=False).order_by("pk")
    coming = sessions.filter(status="confirmed", starts_at__gt=timezone.now(), seats=1).first()
    over = sessions.filter(status="attended").exclude(notes="").first() or sessions.filter(status="attended").first()
    for name, row in (("coming", coming), ("over", over)):
        yield f"onboarding-session-{name}", reverse("onboarding:session", args=[row.pk])
    yield "onboarding-session-write-up", reverse("onboarding:session_write_up", args=[over.pk])
    for name in ("move", "cancel"):
        yield f"onboarding-session-{name}", reverse(f"onboarding:session_{name}", args=[coming.pk])
    yield "onboarding-account-sessions", reverse("onboarding:account_sessions", args=[over.account_id])

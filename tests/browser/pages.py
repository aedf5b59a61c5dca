"""Every page there is, by a name and an address in the demo company: what `make screens` photographs and
tests/browser/test_pages.py looks over. Not here: actions, fragments, downloads, Django's admin, Swagger's page."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import reverse

from accounts.domain.imports import runs
from accounts.models import Account, Activity, FollowUp, ImportRun, Playbook, Segment, User
from accounts.registry import panels
from health.models import Action, ScoreModel

FILE = "customer_id,company,since\nacme,Acme,31/01/2024\nbeta,Beta,05/02/2024\n,Nobody,05/02/2024\n"


class Place(NamedTuple):
    name: str
    path: str
    part: str  # which test looks it over


SIGNED_OUT = [Place("sign-in", "/login/", "entrance"), Place("forgot-password", "/password/reset/", "entrance")]


def places() -> list[Place]:
    return [*SIGNED_OUT, *work(), *customers(), *settings(), *security()]


def work() -> Iterator[Place]:
    one = FollowUp.objects.filter(status="open").exclude(steps=[]).order_by("due_at").first()
    yield Place("queue", reverse("queue"), "work")
    yield Place("queue-snoozed", reverse("queue") + "?state=snoozed&who=team", "work")
    yield Place("queue-nothing-found", reverse("queue") + "?q=nobody+at+all", "work")
    for name in ("queue-team", "queue-views", "follow-up-new"):
        yield Place(name, reverse(name), "work")
    for name in ("follow-up", "follow-up-done", "follow-up-snooze", "follow-up-hand-over", "follow-up-cancel"):
        yield Place(name, reverse(name, args=[one.pk]), "work")
    yield Place("follow-up-call", reverse("follow-up-call", args=[one.pk]), "work")


def customers() -> Iterator[Place]:
    account = Account.objects.filter(band="red", contacts__isnull=False).order_by("-mrr").first()
    activity = Activity.objects.filter(account=account).order_by("-id").first()
    yield from (_place(f"accounts:{name}", "customers") for name in ("list", "views", "add"))
    yield Place("accounts-nothing-found", reverse("accounts:list") + "?q=nobody+at+all", "customers")
    for name in ("detail", "edit", "subscription", "contacts", "contact_add", "call_add", "note_add", "timeline"):
        yield _place(f"accounts:{name}", "customers", account.pk)
    yield _place("accounts:contact", "customers", account.pk, account.contacts.first().pk)
    yield _place("accounts:activity", "customers", account.pk, activity.pk)
    for tab in sorted({panel.tab for panel in panels} - {"overview"}):
        path = reverse("accounts:tab", args=[account.pk, tab])
        yield Place(f"account-{tab}", path, "customers")
    for name in ("panel", "moves", "pulse", "usage", "tickets", "invoices"):
        yield _place(f"health:{name}", "customers", account.pk)


def settings() -> Iterator[Place]:
    plain = ("home", "profile", "users", "user_add", "assignment", "segments", "segment_add", "playbooks")
    plain += ("playbook_add", "deliveries", "tokens", "token_add")
    yield from (_place(f"settings:{name}", "settings") for name in plain)
    for name, row in (
        ("settings:user", User.objects.get(email__startswith="chloe@")),
        ("settings:segment", Segment.objects.first()),
        ("settings:playbook", Playbook.objects.first()),
        ("health:model", ScoreModel.objects.first()),
        ("health:action", Action.objects.first()),
    ):
        yield _place(name, "settings", row.pk)
    yield from (_place(name, "settings") for name in ("health:scoring", "health:actions", "imports:list", "style"))
    for state, run in imports().items():
        yield Place(f"import-{state}", reverse("imports:run", args=[run.pk]), "settings")


def security() -> Iterator[Place]:
    for name in ("usersessions_list", "mfa_index", "account_change_password", "account_email"):
        yield _place(name, "security")


def imports() -> dict[str, ImportRun]:
    """A file before and after it was brought in; made here because it takes an admin's clicks."""
    admin = User.objects.filter(role="admin").first()
    begun = runs.create_run(filename="book.csv", chunks=[FILE.encode()], by=admin)
    return {"columns": begun}


def _place(name: str, part: str, *args: Any) -> Place:
    return Place(name.replace("settings:", "settings-").replace(":", "-"), reverse(name, args=args), part)

"""Every page there is, by a name and an address in the demo company: what `make screens` photographs and
tests/browser/test_pages.py looks over. Not here: actions, fragments, downloads, Django's admin, Swagger's page."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from accounts.domain.imports import runs
from accounts.domain.links import address_of
from accounts.models import (
    Account,
    Activity,
    Contact,
    FollowUp,
    ImportRun,
    Mail,
    PlanVersion,
    Playbook,
    Renewal,
    Segment,
    User,
    Webhook,
    WebhookDelivery,
)
from accounts.registry import panels
from health.models import Action, Invite, ScoreModel, Survey
from tests.browser import referral_pages
from tests.browser.checklists import checklists as checklist_pages
from tests.browser.onboarding_board import board_pages
from tests.browser.session_pages import session_pages
from tests.browser.templates import checklist_templates

FILE = "customer_id,company,since\nacme,Acme,31/01/2024\nbeta,Beta,05/02/2024\n,Nobody,05/02/2024\n"


class Place(NamedTuple):
    name: str
    path: str
    part: str  # which test looks it over


SIGNED_OUT = [Place("sign-in", "/login/", "entrance"), Place("forgot-password", "/password/reset/", "entrance")]


def places() -> list[Place]:
    checklists = [Place(name, path, "checklists") for name, path in (*checklist_templates(), *checklist_pages())]
    checklists += [Place(name, path, "onboarding") for name, path in board_pages()]
    checklists += [Place(name, path, "sessions") for name, path in session_pages()]
    rest = [*mails(), *settings(), *security(), *checklists, *referrals()]
    return [*SIGNED_OUT, *work(), *renewals(), *numbers(), *customers(), *voice(), *rest]


def referrals() -> list[Place]:
    return [Place(name, path, "referrals") for name, path in referral_pages.found()]


def numbers() -> Iterator[Place]:
    for name in ("board", "mrr", "retention", "churn", "worth", "what_if", "winning", "effects", "behind"):
        yield Place(f"numbers-{name}".replace("_", "-"), reverse(f"numbers:{name}"), "numbers")
    yield Place("numbers-board-onboarding", reverse("numbers:board") + "?board=onboarding", "numbers")
    yield Place("numbers-nobody", reverse("numbers:mrr") + "?from=2001-01&to=2001-03", "numbers")
    yield Place("settings-costs", reverse("settings:costs"), "numbers")


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


def renewals() -> Iterator[Place]:
    one = Renewal.objects.undecided().order_by("decision_date").first()
    for name in ("list", "month", "board", "forecast", "disagreements", "views"):
        place = _place(f"renewals:{name}", "renewals")
        yield place._replace(path=f"{place.path}?who=team")
    yield Place("renewals-nothing-found", reverse("renewals:list") + "?q=nobody+at+all", "renewals")
    for name in ("renewal", "decide", "call", "settle"):
        yield _place(f"renewals:{name}", "renewals", one.pk)
    yield _place("renewals:account", "renewals", one.account_id)
    for name in ("calendars", "calendar_add"):
        yield _place(f"settings:{name}", "renewals")


def customers() -> Iterator[Place]:
    account = Account.objects.filter(band="red", contacts__isnull=False).order_by("-mrr").first()
    activity = Activity.objects.filter(account=account).order_by("-id").first()
    yield from (_place(f"accounts:{name}", "customers") for name in ("list", "views", "add"))
    yield Place("accounts-nothing-found", reverse("accounts:list") + "?q=nobody+at+all", "customers")
    for name in ("detail", "edit", "subscription", "contacts", "contact_add", "call_add", "note_add", "timeline"):
        yield _place(f"accounts:{name}", "customers", account.pk)
    yield _place("accounts:contact", "customers", account.pk, account.contacts.first().pk)
    yield _place("accounts:portal_link", "customers", account.pk, account.contacts.first().pk)
    yield _place("accounts:contact_erase", "customers", account.pk, account.contacts.first().pk)
    yield _place("accounts:activity", "customers", account.pk, activity.pk)
    for tab in sorted({panel.tab for panel in panels} - {"overview"}):
        path = reverse("accounts:tab", args=[account.pk, tab])
        yield Place(f"account-{tab}", path, "customers")
    for name in ("panel", "moves", "pulse", "usage", "tickets", "invoices"):
        yield _place(f"health:{name}", "customers", account.pk)


def voice() -> Iterator[Place]:
    """What customers answered, what they are asked, and the page on which they are."""
    yield _place("health:voice", "voice")
    for query in ("period=all", "kind=csat&period=all", "kind=churn&period=all", "q=nobody+at+all"):
        yield Place(f"voice-{query.split('&')[0].replace('=', '-').replace('+', '-')}", f"/voice/?{query}", "voice")
    draft = Survey.objects.filter(status="draft").first() or Survey.objects.create(slug="draft", name="Draft")
    running = Survey.objects.filter(status="running").first()
    yield from (_place(f"health:{name}", "voice") for name in ("surveys", "survey_add"))
    for name in ("survey_edit", "survey_people"):
        yield _place(f"health:{name}", "voice", draft.pk)
        yield _place(f"health:{name}", "voice", running.pk)._replace(name=f"health-{name}-running")
    yield _place("health:survey_end", "voice", running.pk)
    contact = Contact.objects.filter(left_on=None).order_by("pk").first()
    for kind in ("nps", "csat", "churn"):
        asked = Survey.objects.get_or_create(slug=f"look-{kind}", defaults={"name": kind, "kind": kind})[0]
        invite = Invite.objects.get_or_create(survey=asked, contact=contact, account=contact.account)[0]
        path = urlsplit(address_of(contact, "survey", str(invite.pk))).path
        yield Place(f"survey-{kind}", f"{path}?score=3", "voice")


def mails() -> Iterator[Place]:
    """The outbox, and the pages that mails lead to."""
    yield from (_place(name, "mails") for name in ("outbox", "outbox-opt-outs"))
    yield Place("outbox-nothing-found", reverse("outbox") + "?q=nobody+at+all", "mails")
    yield _place("outbox-mail", "mails", Mail.objects.exclude(contact=None).latest("pk").pk)
    contact = Contact.objects.filter(left_on=None).order_by("pk").first()
    yield Place("unsubscribe", urlsplit(address_of(contact, "unsubscribe")).path, "mails")


def settings() -> Iterator[Place]:
    plain = ("home", "profile", "users", "user_add", "assignment", "segments", "segment_add", "playbooks")
    plain += ("rules", "plans", "plan_add", "rates", "playbook_add", "deliveries", "tokens", "token_add")
    yield from (_place(f"settings:{name}", "settings") for name in plain)
    for name, row in (
        ("settings:user", User.objects.get(email__startswith="chloe@")),
        ("settings:segment", Segment.objects.first()),
        ("settings:playbook", Playbook.objects.first()),
        ("settings:plan", PlanVersion.objects.latest("number").plan),
        ("settings:plan_version_add", PlanVersion.objects.latest("number").plan),
        ("settings:plan_version", PlanVersion.objects.latest("number")),
        ("settings:plan_migrate", PlanVersion.objects.latest("number")),
        ("health:model", ScoreModel.objects.first()),
        ("health:action", Action.objects.first()),
    ):
        yield _place(name, "settings", row.pk)
    yield from (_place(name, "settings") for name in ("health:scoring", "health:actions", "imports:list", "style"))
    hook = webhook()
    yield from (_place(f"settings:{name}", "settings") for name in ("webhooks", "webhook_add"))
    yield from (_place(f"settings:{name}", "settings", hook.pk) for name in ("webhook", "webhook_edit"))
    for state, run in imports().items():
        yield Place(f"import-{state}", reverse("imports:run", args=[run.pk]), "settings")


def security() -> Iterator[Place]:
    for name in ("usersessions_list", "mfa_index", "account_change_password", "account_email"):
        yield _place(name, "security")


def webhook() -> Webhook:
    """One that has been told something, and has not always answered well."""
    kinds = ["account.churned", "mrr.contracted", "nps.answered"]
    row, new = Webhook.objects.get_or_create(
        name="Billing", defaults={"url": "https://billing.example/hooks/tenure", "events": kinds, "failures": 2}
    )
    ends = [("waiting", 503), ("failed", 500), ("delivered", 200), ("canceled", None)] if new else []
    told = Activity.objects.filter(kind__in=kinds).order_by("-id")
    for (status, code), activity in zip(ends, told[: len(ends)], strict=True):
        WebhookDelivery.objects.create(
            webhook=row, activity=activity, message=uuid4(), status=status, code=code, took=180, attempts=1,
            until=timezone.now(), tried_at=timezone.now(), response='{"error": "try later"}' if code != 200 else "",
        )  # fmt: skip
    Webhook.objects.filter(pk=row.pk).update(failing_since=timezone.now(), delivered_at=timezone.now())
    return row


def imports() -> dict[str, ImportRun]:
    """A file before and after it was brought in; made here because it takes an admin's clicks."""
    admin = User.objects.filter(role="admin").first()
    begun = runs.create_run(filename="book.csv", chunks=[FILE.encode()], by=admin)
    return {"columns": begun}


def _place(name: str, part: str, *args: Any) -> Place:
    return Place(name.replace("settings:", "settings-").replace(":", "-"), reverse(name, args=args), part)

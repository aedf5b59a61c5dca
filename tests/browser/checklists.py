"""Pages of checklists, the customers' and the team's, by name and address (see pages.py)."""

from collections.abc import Iterator

from django.urls import reverse

from accounts.domain.links import address_of
from onboarding.models import Checklist


def checklists() -> Iterator[tuple[str, str]]:
    rows = Checklist.objects.select_related("account").order_by("pk")
    running, finished = rows.filter(status="running").last(), rows.filter(status="finished").last()
    for name, row in (("running", running), ("finished", finished)):
        contact = row.account.contacts.filter(left_on=None).order_by("-champion", "pk").first()
        home = "/c/" + address_of(contact, "portal").split("/c/")[1]
        yield f"checklist-{name}", f"{home}checklist/"
        yield f"checklist-{name}-home", home
        yield f"account-checklist-{name}", reverse("accounts:tab", args=[row.account_id, "onboarding"])
    yield "account-checklist-start", reverse("onboarding:checklist_start", args=[finished.account_id])
    yield "account-checklist-cancel", reverse("onboarding:checklist_cancel", args=[running.account_id])

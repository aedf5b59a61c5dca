"""What customers get in writing about their plan."""

from datetime import date
from typing import Any

from django.utils.functional import lazy

from accounts import formats
from accounts.domain.links import address_of
from accounts.domain.mails import Letter, write_mail
from accounts.models import Contact, Mail, PlanChange, Subscription

PORTAL = "portal"


def confirm_change(change: PlanChange, contact: Contact) -> Mail:
    context = {"change": change, "day": _day(change.effective_on)}
    return _write("plan_change", f"plan change {change.pk}", contact, context)


def confirm_undone(change: PlanChange, contact: Contact) -> Mail:
    context = {"change": change}
    return _write("plan_change", f"plan change undone {change.pk}", contact, context, "plan_change_undone")


def confirm_end(subscription: Subscription, contact: Contact) -> Mail:
    key = f"cancellation {subscription.pk} {subscription.updated_at.isoformat()}"
    return _write("cancellation", key, contact, {"day": _day(subscription.ended_on)})


def confirm_kept(subscription: Subscription, contact: Contact) -> Mail:
    key = f"kept {subscription.pk} {subscription.updated_at.isoformat()}"
    return _write("cancellation", key, contact, {}, "subscription_kept")


def send_portal_link(contact: Contact, key: str) -> Mail:
    """Written by hand on the contact's page: `key` makes a button clicked twice one mail."""
    return _write("portal_link", f"portal link {contact.pk} {key}", contact, {})


def _day(day: date | None) -> Any:
    """Written when the letter is, in its reader's language: a text has no place for the tag's element."""
    return lazy(formats.day, str)(day, form="long")


def _write(kind: str, key: str, contact: Contact, context: dict, template: str = "") -> Mail:
    context |= {"portal_url": address_of(contact, PORTAL), "account": contact.account}
    return write_mail(Letter(kind, key, contact=contact, template=template or kind, context=context))

"""What well-known sources call their columns. Names are as guessing.plain() writes them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from accounts.domain.imports.fields import Source
from accounts.registry import Text

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Preset:
    key: str
    title: Text
    # Columns, as they stand in the file, that only this source writes.
    signs: re.Pattern[str]
    names: Mapping[str, Names] = field(default_factory=dict)
    constants: Mapping[str, Mapping[str, Source]] = field(default_factory=dict)


HUBSPOT = Preset(
    "hubspot",
    "HubSpot",
    re.compile(r"property_|hs_|record id|hubspot|associated company", re.IGNORECASE),
    {
        "accounts": {
            "external_id": ("record_id", "hs_object_id", "company_id", "id"),
            "name": ("company_name", "name"),
            "domain": ("company_domain_name", "domain", "website_url", "website"),
            "csm": ("company_owner", "hubspot_owner_email"),
            "stage": ("lifecyclestage", "lifecycle_stage"),
            "started_on": ("became_a_customer_date", "closedate"),
        },
        "contacts": {
            "account": ("associated_company_ids_primary", "associated_company_id", "associatedcompanyid", "company_id",
                        "company_name", "company"),
            "email": ("email",),
            "title": ("job_title", "jobtitle"),
            "phone": ("phone_number", "phone", "mobilephone"),
        },
        "tickets": {
            "external_id": ("ticket_id", "record_id", "hs_object_id", "id"),
            "account": ("associated_company_ids_primary", "associated_company_id", "associatedcompanyid", "company_id",
                        "associated_company", "company"),
            "subject": ("ticket_name", "subject"),
            "theme": ("category", "hs_ticket_category"),
            "severity": ("priority", "hs_ticket_priority"),
            "status": ("ticket_status", "hs_pipeline_stage"),
            "opened_at": ("create_date", "createdate"),
            "closed_at": ("close_date", "closed_date"),
        },
    },
)  # fmt: skip

ZENDESK = Preset(
    "zendesk",
    "Zendesk",
    re.compile(
        r"organization_id|via_channel|ticket_form_id|shared_tickets|shared_comments|zendesk|requester_id"
        r"|requester organization|ticket id|ticket_restriction|only_private_comments",
        re.IGNORECASE,
    ),
    {
        "accounts": {"external_id": ("id", "organization_id"), "name": ("name",), "domain": ("domain_names",)},
        "contacts": {
            "account": ("organization_id", "organization", "organisation"),
            "email": ("email",),
            "name": ("name",),
            "language": ("locale",),
        },
        "tickets": {
            "external_id": ("id", "ticket_id"),
            "account": ("organization_id", "requester_organization", "organization"),
            "subject": ("subject",),
            "theme": ("type",),
            "severity": ("priority",),
            "status": ("status",),
            "opened_at": ("created_at", "created"),
            "closed_at": ("solved_at", "solved"),
        },
    },
)  # fmt: skip

STRIPE = Preset(
    "stripe",
    "Stripe",
    re.compile(r"customer (id|email|description)|\((utc)\)|current_period_end|cancel_at_period_end", re.IGNORECASE),
    {
        "accounts": {
            "external_id": ("id", "customer_id"),
            "name": ("name", "business_name", "description", "email"),
            "domain": ("email",),
            "started_on": ("created",),
        },
        "contacts": {"account": ("id", "customer_id"), "email": ("email", "customer_email"), "name": ("name",)},
        "subscriptions": {
            "external_id": ("id", "subscription_id"),
            "account": ("customer_id", "customer"),
            "plan": ("plan", "product", "price_nickname"),
            "unit_amount": ("amount", "unit_amount"),
            "quantity": ("quantity",),
            "interval": ("interval",),
            "started_on": ("start_date", "start", "created"),
            "ended_on": ("ended_at", "canceled_at"),
            "term_end": ("current_period_end",),
            "trial_ends_on": ("trial_end",),
        },
        "invoices": {
            "external_id": ("id", "number", "invoice_id"),
            "account": ("customer", "customer_id"),
            "amount": ("amount_due", "total", "amount"),
            "issued_on": ("date", "created", "finalized_at"),
            "due_on": ("due_date",),
            "paid_on": ("paid_at",),
            "status": ("status",),
        },
    },
)

SALESFORCE = Preset(
    "salesforce",
    "Salesforce",
    re.compile(
        r"^(account ?id|account name|accountid|systemmodstamp|billing ?country|case ?number|lastmodifieddate|isdeleted"
        r"|mailingcountry)$",
        re.IGNORECASE,
    ),
    {
        "accounts": {
            "external_id": ("account_id", "id"),
            "name": ("account_name", "name"),
            "domain": ("website",),
            "country": ("billing_country",),
            "csm": ("account_owner", "owner_email"),
            "started_on": ("customer_since", "created_date"),
        },
        "contacts": {
            "account": ("account_id", "account_name"),
            "email": ("email",),
            "title": ("title",),
            "phone": ("phone",),
        },
        "subscriptions": {
            "external_id": ("contract_number", "contract_id", "id"),
            "account": ("account_id", "account_name"),
            "started_on": ("contract_start_date", "start_date"),
            "ended_on": ("contract_end_date", "end_date"),
        },
        "tickets": {
            "external_id": ("case_number", "case_id", "id"),
            "account": ("account_id", "account_name"),
            "theme": ("type", "case_reason"),
            "opened_at": ("date_time_opened", "opened_date", "created_date"),
            "closed_at": ("date_time_closed", "closed_date"),
        },
    },
)  # fmt: skip

PRESETS = {preset.key: preset for preset in (HUBSPOT, ZENDESK, STRIPE, SALESFORCE)}


def recognise(header: Iterable[str]) -> str:
    """The source whose signs the header carries most, two at least; "" for any other file."""
    columns = list(header)
    found = {key: sum(bool(preset.signs.search(name)) for name in columns) for key, preset in PRESETS.items()}
    best = max(found, key=lambda key: found[key])
    return best if found[best] >= 2 else ""


def names(source: str, kind: str) -> Names:
    preset = PRESETS.get(source)
    return preset.names.get(kind, {}) if preset else {}


def constants(source: str, kind: str) -> Mapping[str, Source]:
    preset = PRESETS.get(source)
    return preset.constants.get(kind, {}) if preset else {}


def choices() -> list[tuple[str, Text]]:
    return [("", _("Guess from the names")), *((preset.key, preset.title) for preset in PRESETS.values())]

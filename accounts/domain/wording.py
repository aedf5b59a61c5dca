"""The words of follow-ups: templates with the account's facts filled in, and the reason in plain words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy

from accounts import formats
from accounts.domain.conditions import ACCOUNT_FIELDS, describe, fields_of, told_value
from accounts.domain.timeline import told, without_currency, without_the_unsaid
from accounts.exceptions import DomainError
from accounts.models import Delivery, FollowUp
from accounts.registry import Field, activity_kinds

# No format(): it would walk attributes. {name} and nothing else; other braces are just braces.
BEHIND = re.compile(r"(\{([a-z][a-z0-9_]*)\})[ \u00a0\u202f]\{currency\}")
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

COMMON: dict[str, Any] = {
    "account": gettext_lazy("the account's name"),
    "csm": gettext_lazy("the CSM's name"),
    "contact": gettext_lazy("whom to talk to there"),
    "mrr": gettext_lazy("its MRR"),
    "band": gettext_lazy("its band"),
}


def placeholders(trigger: str) -> dict[str, Any]:
    """What may stand in braces in the texts of a playbook with this trigger, and what it means."""
    declared = activity_kinds[trigger].fields if trigger in activity_kinds else ()
    return COMMON | {f.name: f.label or f.name for f in declared if f.public and f.type is not dict}


def used_placeholders(*templates: str) -> set[str]:
    return {name for template in templates for name in PLACEHOLDER.findall(template)}


def check_placeholders(trigger: str, template: str, *, field: str) -> None:
    if unknown := sorted(used_placeholders(template) - placeholders(trigger).keys()):
        sentence = _("There is no {%(name)s} to fill in here. There are: %(known)s.") % {
            "name": unknown[0],
            "known": ", ".join(f"{{{name}}}" for name in placeholders(trigger)),
        }
        raise DomainError(sentence, code="placeholder_unknown", errors={field: [sentence]})


class Template:
    """A text taken apart at its placeholders. Text stays text: what is filled in is not looked at again."""

    def __init__(self, text: str, amounts: frozenset[str] = frozenset()) -> None:
        # An amount is written as money, with its sign: the currency would stand twice.
        text = BEHIND.sub(lambda found: found[1] if found[2] in amounts else found[0], text)
        # split() gives text, name, text, name, … text
        self.parts = PLACEHOLDER.split(text)

    def fill(self, words: Mapping[str, str]) -> str:
        if len(self.parts) == 1:
            return self.parts[0]
        parts = self.parts.copy()
        parts[1::2] = [words.get(name, f"{{{name}}}") for name in parts[1::2]]
        return "".join(parts)


def translated(template: str) -> str:
    """The product's own playbooks come in the reader's language; what an admin wrote stays as written."""
    return _(template) if template else ""


def what_in_words(data: Mapping[str, Any]) -> str:
    """What was held back: a playbook, a survey, a question of ours."""
    return translated(str(data.get("what") or ""))


def playbook_in_words(data: Mapping[str, Any]) -> str:
    return translated(str(data.get("playbook") or ""))


@lru_cache(maxsize=512)
def _fillable(kind: str, _language: str) -> dict[str, Field]:
    """By name, with their labels in the language that is active now."""
    return {f.name: _spoken(f) for f in activity_kinds[kind].fields if f.public and f.type is not dict}


def amounts_of(kind: str) -> frozenset[str]:
    """The fields of a kind that are told as money."""
    fields = _fillable(kind, formats.language()) if kind in activity_kinds else {}
    return frozenset(name for name, field in fields.items() if field.type is Decimal and "currency" in fields)


class Words(Mapping[str, str]):
    """What the placeholders stand for in the language that is active now, each made when first asked: most templates
    use two or three."""

    def __init__(self, kind: str, data: Mapping[str, Any], account: Mapping[str, Any], contact: str = "") -> None:
        self.language = formats.language()
        self._kind, self.fields = kind, _fillable(kind, self.language)
        self.data, self.account, self.contact = data, account, contact
        self.made: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> str:
        if name in self.fields:
            return told(self.fields[name], self.data, self.language)
        return _COMMON_WORDS[name](self)

    def anew(self) -> "Words":
        """The same facts, in the language that is active now."""
        return Words(self._kind, self.data, self.account, self.contact)

    def __contains__(self, name: object) -> bool:
        return name in self.fields or name in COMMON

    def __iter__(self):
        return iter({**COMMON, **self.fields})

    def __len__(self) -> int:
        return len({**COMMON, **self.fields})


_COMMON_WORDS: dict[str, Callable[[Words], str]] = {
    "account": lambda w: w.account["name"],
    "csm": lambda w: w.account["csm_name"] or formats.NOTHING,
    "contact": lambda w: w.contact or w.account["name"],
    "mrr": lambda w: formats.money(w.account["account.mrr"], settings.REPORTING_CURRENCY),
    "band": lambda w: told_value(ACCOUNT_FIELDS["account.band"], w.account["account.band"]),
}


# The reason -------------------------------------------------------------------------------------------


def sentence_of(kind: str, data: Mapping[str, Any], language: str = "") -> str:
    """What happened, in the reader's language. Who tells fifty says which that is."""
    language = language or formats.language()
    sentence, fields = _sentence(language, kind)
    return without_the_unsaid(sentence % {field.name: told(field, data, language) for field in fields})


USED = re.compile(r"%\((\w+)\)s")


@lru_cache(maxsize=512)
def _sentence(code: str, name: str) -> tuple[str, tuple[Field, ...]]:
    """A kind's sentence in a language, and the fields it names, with their labels: a page says it fifty times."""
    kind = activity_kinds[name]
    used = USED.findall(sentence := without_currency(str(kind.sentence)))
    return sentence, tuple(_spoken(field) for field in kind.fields if field.name in used)


def _spoken(field: Field) -> Field:
    return replace(field, choices=tuple((value, str(label)) for value, label in field.choices))


WRITTEN_BY = "Written by "  # as it is kept; told in the reader's language


def reason_for(row: FollowUp | Mapping[str, Any], language: str = "") -> str:
    """Why a follow-up is here: its activity's sentence, in the reader's language. `row` may be one of queue_page()."""
    if isinstance(row, FollowUp):
        kind, data, kept = (row.activity.kind, row.activity.data, row.reason) if row.activity else ("", {}, row.reason)
    else:
        kind, data, kept = row["activity__kind"], row["activity__data"], row["reason"]
    if kind == "followup.opened":  # by hand: its own activity says no more than the title
        return _("Written by %(name)s") % {"name": kept.removeprefix(WRITTEN_BY)}
    return sentence_of(kind, data, language) if kind in activity_kinds else kept


# How a delivery ended ---------------------------------------------------------------------------------


def told_ending(delivery: Delivery) -> str:
    """Why it ended as it did, in the reader's language."""
    facts = delivery.facts
    if not isinstance(facts, dict) or "condition" not in facts:
        return delivery.sentence
    condition, trigger = facts["condition"], facts.get("trigger", "")
    field = fields_of(trigger).get(condition["field"]) or Field(condition["field"])
    return _("Its condition does not hold: “%(condition)s”. Found: %(found)s.") % {
        "condition": describe(trigger, condition),
        "found": told_value(field, facts.get("found")) if facts.get("found") is not None else formats.NOTHING,
    }

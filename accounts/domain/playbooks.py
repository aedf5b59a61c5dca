"""Playbooks: when this happens, open that."""

from typing import Any

from django.db import transaction
from django.utils import translation

from accounts.enums import PlaybookState
from accounts.models import Playbook
from accounts.registry import PlaybookDefault, playbook_defaults

TEXT_FIELDS = ("name", "title", "instructions")


@transaction.atomic
def install_defaults(**kwargs: Any) -> None:
    """Add the default playbooks that this installation does not have yet; never change one it has."""
    with translation.override("en"):
        Playbook.objects.bulk_create([_from_default(d) for d in playbook_defaults], ignore_conflicts=True)


def _from_default(default: PlaybookDefault) -> Playbook:
    values = {name: getattr(default, name) for name in default.__dataclass_fields__}
    values |= {name: str(values[name]) for name in TEXT_FIELDS}
    values["steps"] = [str(step) for step in default.steps]
    values["texts"] = [{k: str(v) for k, v in text.items()} for text in default.texts]
    values["conditions"], values["closes_when"] = list(default.conditions), list(default.closes_when)
    return Playbook(state=PlaybookState.ON, **values)

"""What can happen to an account, and who answers to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from accounts.registry.base import Registry, Text


@dataclass(frozen=True)
class Field:
    """A fact an activity carries in `data`. Playbook conditions and webhook schemas are made from these."""

    name: str
    type: type = str  # str, int, Decimal, bool, list, dict
    label: Text = ""
    choices: tuple[tuple[str, Text], ...] = ()
    required: bool = True
    # Shown on the timeline and offered to playbook conditions; False for bulky or internal facts.
    public: bool = True
    # What is said where nothing was recorded; a dash, if this is empty.
    unsaid: Text = ""
    # Of a Decimal: with how many decimals it is told; without, with those that it has.
    decimals: int | None = None
    # Says it from the other facts, in the reader's language; "" where they do not tell. What stands here itself was
    # written once, in one language: for programs, and for what was recorded before the facts were.
    worded: Callable[[Mapping[str, Any]], str] | None = None

    @cached_property
    def labels(self) -> dict[str, Text]:
        return dict(self.choices)


@dataclass(frozen=True)
class ActivityKind:
    """A kind of activity: "<subject>.<past tense>", lowercase, one meaning forever."""

    name: str
    label: Text  # "Band changed"
    sentence: Text  # for the timeline, with %(field)s of `fields`
    icon: str = "dot"
    fields: tuple[Field, ...] = ()
    tone: str = ""  # "", good, warn, bad
    # Offered as a playbook's trigger.
    trigger: bool = True
    # It is somebody's answer to an ask of this AskKind: what follows from it is not held back by that ask.
    answers: str = ""

    @cached_property
    def declared(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @cached_property
    def needed(self) -> frozenset[str]:
        return frozenset(f.name for f in self.fields if f.required)

    def field(self, name: str) -> Field:
        return self.declared[name]


@dataclass(frozen=True)
class Reaction:
    """Code of one app that answers activities it did not cause. `handle` gets a batch (one kind, in order)
    inside a transaction of its own; what it raises is stored on the deliveries, which are tried again. The other
    reactions get the same objects: what an activity is about is asked for anew, and nothing of it is changed."""

    name: str
    kinds: tuple[str, ...]
    handle: Callable[[Sequence[Any]], None]


@dataclass(frozen=True)
class PlaybookDefault:
    """A playbook that a new installation starts with; afterwards the admin's to change or switch off.
    Attributes are those of models.Playbook."""

    key: str
    name: Text
    trigger: str
    title: Text
    instructions: Text = ""
    conditions: tuple[dict[str, Any], ...] = ()
    steps: tuple[Text, ...] = ()
    texts: tuple[dict[str, Text], ...] = ()
    priority: int = 3
    due_hours: int = 120
    due_clock: str = "elapsed"
    promise: bool = False
    assignee_rule: str = "csm"
    cool_down_days: int = 0
    subject_field: str = ""
    closes_on: str = ""
    closes_when: tuple[dict[str, Any], ...] = ()
    asks: str = ""  # an AskKind: the contact pressure may hold it back


activity_kinds: Registry[ActivityKind] = Registry("activity kind", lambda k: k.name)
reactions: Registry[Reaction] = Registry("reaction", lambda r: r.name)
playbook_defaults: Registry[PlaybookDefault] = Registry("default playbook", lambda p: p.key)


def reactions_to(kind: str) -> list[Reaction]:
    return [reaction for reaction in reactions if kind in reaction.kinds]


def is_heard(kind: str) -> bool:
    """Whether anything may wait for activities of this kind: a playbook, or a reaction. Others need no dispatch, unless
    a webhook listens: that only the database knows (domain/listening.py)."""
    return activity_kinds[kind].trigger or any(kind in reaction.kinds for reaction in reactions)


def check_data(kind: ActivityKind, data: dict[str, Any]) -> dict[str, Any]:
    """`data` ready for JSON; TypeError for a fact that is missing, undeclared or of another type."""
    if unknown := data.keys() - kind.declared.keys():
        raise TypeError(f"{kind.name} does not declare {', '.join(sorted(unknown))}")
    if missing := kind.needed - data.keys():
        raise TypeError(f"{kind.name} needs {', '.join(sorted(missing))}")
    return {name: _plain(kind, kind.declared[name], value) for name, value in data.items()}


def _plain(kind: ActivityKind, declared: Field, value: Any) -> Any:
    if value is None:
        return None
    if declared.type is Decimal:
        return str(Decimal(value))
    if isinstance(value, Promise):
        value = str(value)
    if declared.type is str and hasattr(value, "isoformat"):
        return value.isoformat()
    if not isinstance(value, declared.type):
        raise TypeError(f"{kind.name}.{declared.name} is not {declared.type.__name__}: {value!r}")
    return str(value) if declared.type is str else value

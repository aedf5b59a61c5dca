"""What each app tells the ground floor about itself, filled from its hooks.py when Django starts.

The ground floor never imports an app above it: it asks these registries.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from django.utils.functional import Promise

Text = str | Promise


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

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)


@dataclass(frozen=True)
class Panel:
    """A part of the account page that another app serves from its own URL (one argument: the account's id)."""

    key: str
    title: Text
    url_name: str
    position: int = 100
    tab: str = "overview"


@dataclass(frozen=True)
class ListExtra:
    """Something an app above knows about many accounts at once, for the account list: `load` gets the ids of
    the accounts on the page and answers by id, in one query, however many there are.

    The list knows these keys: "sparkline" (a sequence of scores, oldest first, drawn beside the 28-day trend).
    """

    key: str
    title: Text
    load: Callable[[Sequence[int]], dict[int, Any]]


@dataclass(frozen=True)
class AccountMeasure:
    """A figure that an app above knows of accounts, for whoever compares groups of them: `load` answers by id, in one
    query, however many it is asked about; those it knows nothing of are left out. `about`: how it is measured."""

    key: str
    title: Text
    load: Callable[[Sequence[int]], dict[int, Decimal]]
    about: Text = ""
    position: int = 100


@dataclass(frozen=True)
class Kpi:
    """A key figure of the boards. `figure(asked)` answers with a domain.numbers.asking.Figure, whose points are in
    `unit`: money, share, number, times, months, days, score. `goal`: the key of the Rule to hold it against; `good`:
    "up" or "down"."""

    key: str
    title: Text
    about: Text
    unit: str
    figure: Callable[[Any], Any]
    strategies: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    goal: str = ""
    good: str = "up"
    position: int = 100


@dataclass(frozen=True)
class Effect:
    """Something that was done with some customers and not with others, to be held side by side: `split` gets ids of
    accounts and answers with those of the first and of the second group, in a fixed number of queries. Who belongs to
    neither is in none. `url_name`: the page that tells more."""

    key: str
    title: Text
    first: Text
    second: Text
    split: Callable[[Sequence[int]], tuple[Collection[int], Collection[int]]]
    url_name: str = ""
    position: int = 100


@dataclass(frozen=True)
class Traits:
    """What customers have in common, for the profile of the best ones: `load` gets ids of accounts and answers with
    those of each trait by its name, in a fixed number of queries."""

    key: str
    title: Text
    load: Callable[[Sequence[int]], Mapping[str, Collection[int]]]
    position: int = 100


@dataclass(frozen=True)
class Dropped:
    """Something a customer lets go of: seats (before, after), the plan (ids before, after; None at the end)."""

    key: int
    account_id: int
    seats: tuple[int, int]
    plans: tuple[int | None, int | None]


@dataclass(frozen=True)
class UsageAnswer:
    """An app that knows whether something was in use: a sentence for each of `dropped` that it can tell of, by key,
    in a fixed number of queries."""

    name: str
    answer: Callable[[Sequence[Dropped]], dict[int, str]]


class UsageEvent(NamedTuple):
    """One thing somebody did in the product, as it was stored."""

    account_id: int
    action: str
    event_id: str
    occurred_at: datetime
    user: str = ""


@dataclass(frozen=True)
class UsageListener:
    """An app for which some actions mean something at once. Whoever stores usage asks what is `wanted` (keys of
    actions), and hands over what was new of those to `handle`, in the transaction that stores it."""

    name: str
    wanted: Callable[[], set[str]]
    handle: Callable[[Sequence[UsageEvent]], object]


@dataclass(frozen=True)
class UsageHistory:
    """An app that keeps usage: `load` answers with what is stored of these pairs of account and action, some of it
    where there is very much: the earliest events and the latest."""

    name: str
    load: Callable[[Sequence[tuple[int, str]]], list[UsageEvent]]


@dataclass(frozen=True)
class KnownActions:
    """An app that knows what customers can do in the product: `load()` gives (key, name) of each, for forms that ask
    which of them something waits for."""

    name: str
    load: Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class PortalPart:
    """A part of the customer's portal: `template`, rendered with what `context(link)` gives (None: nothing to show);
    `link` is the models.ContactLink of who looks."""

    key: str
    title: Text
    template: str
    context: Callable[[Any], dict[str, Any] | None]
    position: int = 100


@dataclass(frozen=True)
class Reaction:
    """Code of one app that answers activities it did not cause. `handle` gets a batch (one kind, in order)
    inside a transaction of its own; what it raises is stored on the deliveries, which are tried again."""

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


@dataclass(frozen=True)
class NavItem:
    """An entry of the main navigation; `permission` empty means everybody signed in."""

    key: str
    title: Text
    url_name: str
    icon: str
    position: int = 100
    permission: str = ""


@dataclass(frozen=True)
class SettingsLink:
    """A page of the settings, in the group it belongs to ("you", "team", "rules", "data")."""

    key: str
    title: Text
    url_name: str
    group: str
    position: int = 100
    permission: str = ""
    # What one finds there, for the settings' first page.
    about: Text = ""
    icon: str = "gear"


@dataclass(frozen=True)
class Rule:
    """A number of the product's rules that an admin can change: days, hours, per cents, thresholds.

    An app registers its own in its hooks, beside the group that its key begins with:

        rule_groups.add(RuleGroup("onboarding", _("Onboarding"), _("When a customer counts as stuck."), 50))
        rules.add(Rule("onboarding.stuck_days", _("Stuck after"), 14, least=1, most=365, unit=_("days")))

    and asks for it wherever it is needed, each time anew (a change holds at once, in every process, without a query):

        from accounts.domain import rules
        rules.number("onboarding.stuck_days")   # 14; with `places` a Decimal
        rules.days("onboarding.stuck_days")     # timedelta(days=14); hours() the same in hours
        rules.share("loss.red")                 # of a rule in per cent: Decimal("0.40")
        rules.numbers("renewal.windows")        # of a rule whose default is a tuple: (90, 60, 30)

    Never as a constant of a module or as a default argument: that would be the value of when the process began. In SQL
    it travels as a parameter. Rules appear on the settings page by themselves. `position` orders them in their group.
    """

    key: str  # "<group>.<name>"
    title: Text
    default: int | Decimal | tuple[int, ...]  # a tuple is a list of different whole numbers
    least: int
    most: int
    unit: Text = ""
    help: Text = ""
    places: int = 0  # decimal places that may be given
    position: int = 100

    @property
    def group(self) -> str:
        return self.key.partition(".")[0]


@dataclass(frozen=True)
class Checkup:
    """Something `manage.py doctor` looks at: `check` answers with a sentence for each thing that is wrong, and only
    reads."""

    name: str
    title: Text
    check: Callable[[], list[str]]
    position: int = 100


@dataclass(frozen=True)
class PersonalData:
    """What an app keeps about a contact. `export` answers with rows ready for JSON. `erase` takes out who it was, in
    the transaction of the erasure, and leaves what is counted: it gets the contact as it still is and a
    domain.privacy.Eraser, whose `cleaned()` takes name and address out of texts and JSON."""

    name: str
    title: Text
    export: Callable[[Any], list[dict[str, Any]]]
    erase: Callable[[Any, Any], None]
    position: int = 100


@dataclass(frozen=True)
class RuleGroup:
    """Rules that belong together. `check` gets all values of the group by key, as they would be, and answers with a
    sentence by key for those that cannot be. `changed` gets the keys whose values are new, in the transaction that
    changes them: for who keeps something that was computed with them."""

    key: str
    title: Text
    about: Text = ""
    position: int = 100
    check: Callable[[Mapping[str, Any]], dict[str, Text]] | None = None
    changed: Callable[[set[str]], None] | None = None


@dataclass(frozen=True)
class ImportKind:
    """A kind of file that can be imported. `module` has the fields and the verbs (see domain/imports)."""

    key: str
    title: Text
    loader: Any
    position: int = 100


@dataclass(frozen=True)
class AfterImport:
    """What an app does, in the import's own transaction, for the accounts that a file was about."""

    name: str
    handle: Callable[[Sequence[int]], None]


@dataclass(frozen=True)
class MailKind:
    """A kind of mail. One that asks something of people (`asks`) can be unsubscribed from in the mail program, and is
    not sent to addresses that have opted out. `sent` and `bounced` tell the owning app what became of its mails (a
    list of models.Mail), inside the transaction that marks them."""

    name: str
    title: Text
    asks: bool = False
    sent: Callable[[Sequence[Any]], None] | None = None
    bounced: Callable[[Sequence[Any]], None] | None = None


@dataclass(frozen=True)
class LinkPurpose:
    """What a contact's personal link is for; `url_name` takes the token. `days`: how long it works (None: until it is
    revoked). Links of people who have left their company stop working, unless `for_leavers`."""

    name: str
    title: Text
    url_name: str
    days: int | None = None
    for_leavers: bool = False


@dataclass(frozen=True)
class CalendarEntry:
    """Something that stands in a subscribed calendar. Its `uid` is for life; `sequence` rises with every change that
    moves it. A day stands for the whole day; an instant has an `end`."""

    uid: str
    sequence: int
    start: date  # or a datetime
    title: str
    changed_at: datetime
    text: str = ""
    url: str = ""
    end: date | None = None
    canceled: bool = False


@dataclass(frozen=True)
class CalendarSource:
    """What people can have in the calendars they subscribe to: `load(user, team)` answers with its entries, in the
    language and zone that are active; `team` asks for everybody's, not the user's own alone."""

    key: str
    title: Text
    load: Callable[[Any, bool], Sequence[CalendarEntry]]
    position: int = 100


T = TypeVar("T")


@dataclass
class Registry(Generic[T]):
    """Things by key, in order of registration. Registering a key twice is a mistake in the code."""

    what: str
    key: Callable[[T], str]
    items: dict[str, T] = field(default_factory=dict)

    def add(self, *things: T) -> None:
        for thing in things:
            name = self.key(thing)
            if name in self.items and self.items[name] != thing:
                raise LookupError(f"{self.what} {name!r} is registered twice")
            self.items[name] = thing

    def __getitem__(self, name: str) -> T:
        try:
            return self.items[name]
        except KeyError:
            raise LookupError(f"no {self.what} is called {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return name in self.items

    def __iter__(self) -> Iterator[T]:
        return iter(self.items.values())

    def sorted(self) -> list[T]:
        return sorted(self.items.values(), key=lambda thing: getattr(thing, "position", 0))


activity_kinds: Registry[ActivityKind] = Registry("activity kind", lambda k: k.name)
effects: Registry[Effect] = Registry("effect", lambda e: e.key)
traits: Registry[Traits] = Registry("kind of trait", lambda t: t.key)
kpis: Registry[Kpi] = Registry("key figure", lambda k: k.key)
panels: Registry[Panel] = Registry("panel", lambda p: p.key)
list_extras: Registry[ListExtra] = Registry("list extra", lambda e: e.key)
account_measures: Registry[AccountMeasure] = Registry("measure of accounts", lambda m: m.key)
portal_parts: Registry[PortalPart] = Registry("part of the portal", lambda p: p.key)
usage_listeners: Registry[UsageListener] = Registry("listener to usage", lambda u: u.name)
usage_histories: Registry[UsageHistory] = Registry("history of usage", lambda u: u.name)
usage_answers: Registry[UsageAnswer] = Registry("answer about usage", lambda a: a.name)
reactions: Registry[Reaction] = Registry("reaction", lambda r: r.name)
playbook_defaults: Registry[PlaybookDefault] = Registry("default playbook", lambda p: p.key)
known_actions: Registry[KnownActions] = Registry("source of actions", lambda k: k.name)
navigation: Registry[NavItem] = Registry("navigation item", lambda n: n.key)
settings_links: Registry[SettingsLink] = Registry("settings link", lambda s: s.key)
rules: Registry[Rule] = Registry("rule", lambda r: r.key)
checkups: Registry[Checkup] = Registry("checkup", lambda c: c.name)
personal_data: Registry[PersonalData] = Registry("part of personal data", lambda p: p.name)
rule_groups: Registry[RuleGroup] = Registry("group of rules", lambda g: g.key)
import_kinds: Registry[ImportKind] = Registry("import kind", lambda k: k.key)
after_imports: Registry[AfterImport] = Registry("after import", lambda a: a.name)
mail_kinds: Registry[MailKind] = Registry("mail kind", lambda m: m.name)
link_purposes: Registry[LinkPurpose] = Registry("link purpose", lambda p: p.name)
calendar_sources: Registry[CalendarSource] = Registry("calendar source", lambda s: s.key)


def reactions_to(kind: str) -> list[Reaction]:
    return [reaction for reaction in reactions if kind in reaction.kinds]


def is_heard(kind: str) -> bool:
    """Whether anything may wait for activities of this kind: a playbook, or a reaction. Others need no dispatch."""
    return activity_kinds[kind].trigger or any(kind in reaction.kinds for reaction in reactions)


def check_data(kind: ActivityKind, data: dict[str, Any]) -> dict[str, Any]:
    """`data` ready for JSON; TypeError for a fact that is missing, undeclared or of another type."""
    declared = {f.name: f for f in kind.fields}
    if unknown := data.keys() - declared.keys():
        raise TypeError(f"{kind.name} does not declare {', '.join(sorted(unknown))}")
    if missing := {n for n, f in declared.items() if f.required} - data.keys():
        raise TypeError(f"{kind.name} needs {', '.join(sorted(missing))}")
    return {name: _plain(kind, declared[name], value) for name, value in data.items()}


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

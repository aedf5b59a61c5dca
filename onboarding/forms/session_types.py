"""The editor of a session type. What one may be is the verb's business (domain/session_types/checks)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from accounts.forms.remembering import RememberedRows, Remembering
from accounts.models import User
from onboarding.domain.session_types.asking import KINDS, MOST
from onboarding.enums import HostRule
from onboarding.models import SessionType

LANGUAGES = [code for code, _name in settings.LANGUAGES]
NUMBERS = (
    "minutes", "every", "before", "after", "notice", "horizon_days", "seats", "per_day", "per_week", "minutes_per_week",
)  # fmt: skip
PLAIN = (*NUMBERS, "slug", "host_rule", "where", "public", "active")
WEIGHT = 100


def number(label: Any, help_text: Any = "", *, required: bool = True) -> forms.IntegerField:
    # What is too small or too large the verb says; here only what no column could hold.
    return forms.IntegerField(label=label, help_text=help_text, required=required, min_value=0, max_value=1_000_000)


class TypeForm(Remembering, forms.Form):
    mark_optional = False

    slug = forms.CharField(
        label=_("Address"), required=False, max_length=60, help_text=_("Made from the name if you leave it empty.")
    )
    minutes = number(_("Length, minutes"))
    every = number(_("Starts every, minutes"), _("From the beginning of each stretch of hours."))
    before = number(_("Free before, minutes"))
    after = number(_("Free after, minutes"))
    notice = number(_("Notice, minutes"), _("Nobody books later than that before it begins."))
    horizon_days = number(_("How far ahead, days"))
    seats = number(_("Seats"), _("1: one-to-one. More: a group, in which each seat is booked by itself."))
    host_rule = forms.ChoiceField(label=_("Who hosts"), choices=HostRule.choices, widget=forms.RadioSelect)
    per_day = number(_("A day at the most"), _("Of each host. Empty: no limit."), required=False)
    per_week = number(_("A week at the most"), required=False)
    minutes_per_week = number(_("Minutes a week at the most"), required=False)
    where = forms.CharField(
        label=_("Where"), required=False, max_length=400, help_text=_("The address of the meeting, or a phone number.")
    )
    public = forms.BooleanField(
        label=_("Open to anybody who has the address"),
        required=False,
        help_text=_("Otherwise it is booked by personal link only."),
    )
    active = forms.BooleanField(label=pgettext_lazy("session type", "Offered"), required=False)
    embed_hosts = forms.CharField(
        label=_("Sites that may embed it"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One on each line, such as https://www.example.com."),
    )

    def __init__(self, data: Any = None, *, kind: SessionType) -> None:
        super().__init__(data, initial=_initial(kind))
        self.kind = kind
        self.pool_errors: list[str] = []
        for code in LANGUAGES:
            self.fields[f"name_{code}"] = forms.CharField(label=_("Name"), required=False, max_length=120)
            about = forms.Textarea(attrs={"rows": 2, "lang": code})
            self.fields[f"about_{code}"] = forms.CharField(
                label=_("What it is about"), required=False, max_length=1000, widget=about
            )
        self.people = list(User.objects.workers().order_by("name", "pk"))
        weights = dict(kind.hosts.values_list("user_id", "weight")) if kind.pk else {}
        for person in self.people:
            self.fields[f"weight_{person.pk}"] = forms.IntegerField(
                label=str(person), required=False, min_value=0, max_value=1000, initial=weights.get(person.pk)
            )
        if kind.pk:
            self.remember_what_was_seen()

    @property
    def languages(self) -> list[tuple[Any, list[forms.BoundField], bool]]:
        rows = []
        for code, name in settings.LANGUAGES:
            fields = [self[f"name_{code}"], self[f"about_{code}"]]
            rows.append((name, fields, any(field.value() or field.errors for field in fields)))
        return rows

    @property
    def weights(self) -> list[forms.BoundField]:
        return [self[f"weight_{person.pk}"] for person in self.people]

    def given(self, name: str) -> Any:
        """What was typed; of a field that could not be read, its very letters: the others are judged beside it."""
        return self.cleaned_data[name] if name in self.cleaned_data else self[name].value()

    def apply(self) -> SessionType:
        """The type with what was typed, not saved."""
        touched = self.touched
        for name in PLAIN:
            if name in touched:
                setattr(self.kind, name, self.given(name))
        self.kind.texts = {code: {name: self._text(code, name) for name in ("name", "about")} for code in LANGUAGES}
        if "embed_hosts" in touched:
            self.kind.embed_hosts = self.given("embed_hosts").splitlines()
        return self.kind

    def _text(self, code: str, name: str) -> Any:
        field = f"{name}_{code}"
        return self.given(field) if field in self.touched else self.initial[field]

    def pool(self) -> dict[int, int]:
        """Those with a weight; who has none is not in it."""
        weights = {person.pk: self._weight(f"weight_{person.pk}") for person in self.people}
        return {pk: weight for pk, weight in weights.items() if weight is not None}

    def _weight(self, field: str) -> Any:
        return self.given(field) if field in self.touched else self.fields[field].initial


def _initial(kind: SessionType) -> dict[str, Any]:
    values = {name: getattr(kind, name) for name in PLAIN}
    values["embed_hosts"] = "\n".join(kind.embed_hosts)
    for code in LANGUAGES:
        words = kind.texts.get(code) or {}
        values |= {f"name_{code}": words.get("name", ""), f"about_{code}": words.get("about", "")}
    return values


# Questions -----------------------------------------------------------------------------------------

KIND_LABELS = {
    "text": pgettext_lazy("question", "Words"),
    "number": pgettext_lazy("question", "A number"),
    "choice": pgettext_lazy("question", "One of several answers"),
}


class QuestionForm(forms.Form):
    mark_optional = False

    key = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Answered with"), choices=[(kind, KIND_LABELS[kind]) for kind in KINDS], initial=KINDS[0]
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    choices = forms.CharField(
        label=_("Answers"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One on each line."),
    )
    routes = forms.CharField(
        label=_("Leads elsewhere"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("answer = webinar, or answer = https://…: another session type, or material instead of a time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(label=name, required=False, max_length=300)
            self.fields[f"route_text_{code}"] = forms.CharField(label=name, required=False, max_length=300)
        for code, name in settings.LANGUAGES[1:]:
            lines = forms.Textarea(attrs={"rows": 3, "lang": code})
            self.fields[f"choices_{code}"] = forms.CharField(label=name, required=False, max_length=6000, widget=lines)

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[f"text_{code}"] for code in LANGUAGES]

    @property
    def translations(self) -> list[forms.BoundField]:
        return [self[f"choices_{code}"] for code in LANGUAGES[1:]]

    @property
    def route_texts(self) -> list[forms.BoundField]:
        return [self[f"route_text_{code}"] for code in LANGUAGES]

    @property
    def is_asked(self) -> bool:
        return bool(self.initial)

    def question(self) -> dict[str, Any] | None:
        """As the verb takes it; None for one that was left empty, or is to go."""
        given = self.cleaned_data
        texts = {code: {"text": given.get(f"text_{code}", "")} for code in LANGUAGES}
        if given.get("DELETE") or not (any(words["text"] for words in texts.values()) or given.get("choices")):
            return None
        labels = {code: lines for code in LANGUAGES[1:] if (lines := given.get(f"choices_{code}", "").splitlines())}
        return {
            "key": given.get("key", ""), "kind": given.get("kind", "text"), "required": given.get("required"),
            "text": texts, "choices": _lines(given.get("choices", "")), "labels": labels, "routes": self._routes(given),
        }  # fmt: skip

    def _routes(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        text = {code: {"text": given.get(f"route_text_{code}", "")} for code in LANGUAGES}
        parts = [line.rpartition(" = " if " = " in line else "=") for line in _lines(given.get("routes", ""))]
        return [{"value": value.strip(), "target": target.strip(), "text": text} for value, _equals, target in parts]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class BaseQuestions(RememberedRows):
    def questions(self) -> tuple[list[dict[str, Any]], list[QuestionForm]]:
        """Those that are asked, each with the form it came from."""
        found = [(question, form) for form in self.forms if (question := form.question()) is not None]
        return [question for question, _form in found], [form for _question, form in found]


QuestionFormSet = forms.formset_factory(
    QuestionForm, formset=BaseQuestions, extra=1, can_delete=True, max_num=MOST, absolute_max=MOST + 5
)


def questions_of(kind: SessionType) -> list[dict[str, Any]]:
    return [_as_initial(row) for row in kind.questions if isinstance(row, dict)]


def _as_initial(row: Mapping[str, Any]) -> dict[str, Any]:
    routes = row.get("routes") or []
    values: dict[str, Any] = {
        "key": row.get("key"), "kind": row.get("kind"), "required": row.get("required"),
        "choices": "\n".join(row.get("choices") or ()),
        "routes": "\n".join(f"{route['value']} = {route.get('slug') or route.get('url')}" for route in routes),
    }  # fmt: skip
    said = routes[0].get("text") if routes else {}
    for code in LANGUAGES:
        values[f"text_{code}"] = _text(row.get("text"), code)
        values[f"route_text_{code}"] = _text(said, code)
        values[f"choices_{code}"] = "\n".join((row.get("labels") or {}).get(code) or ())
    return values


def _text(by_language: Any, code: str) -> str:
    words = by_language.get(code) if isinstance(by_language, Mapping) else None
    return str(words.get("text", "")) if isinstance(words, Mapping) else ""

"""Material and questions as an admin fills them in."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _, gettext_lazy

from accounts.forms.remembering import RememberedRows, Remembering
from referrals.domain.images import MOST_BYTES
from referrals.domain.questions import MOST
from referrals.enums import Channel, MaterialKind
from referrals.models import Material


class MaterialForm(Remembering, forms.Form):
    mark_optional = False

    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=MaterialKind.choices)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=Channel.choices)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    body = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("{link}, {code} and {name} become the partner's own. Of a picture: what it shows."),
    )
    url = forms.ChoiceField(label=gettext_lazy("Leads to"), required=False)
    image = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("PNG, JPEG, GIF or WebP, at most 1 MB and 4,096 pixels either way."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
    )
    active = forms.BooleanField(label=gettext_lazy("Offered to partners"), required=False, initial=True)

    def __init__(self, data: Any = None, files: Any = None, *, material: Material) -> None:
        shown = ("title", "kind", "channel", "language", "body", "url", "active")
        super().__init__(data, files, initial={name: getattr(material, name) for name in shown})
        self.material = material
        addresses = [(address, address) for address in material.program.landing_urls]
        if material.pk:
            self.remember_what_was_seen()
            self.fields["image"].show_hidden_initial = False  # not in the page
        self.fields["url"].choices = [("", _("Choose")), *addresses]  # type: ignore[attr-defined]  # a ChoiceField

    def apply(self) -> Material:
        for name, value in self.changed.items():
            if name != "image":
                setattr(self.material, name, value)
        return self.material

    def picture(self) -> bytes | None:
        """One byte more than allowed is read of what is too large: enough to say so."""
        sent = self.cleaned_data.get("image")
        return sent.read(MOST_BYTES + 1) if sent else None


KINDS = [
    ("text", gettext_lazy("Text")),
    ("choice", gettext_lazy("One of several")),
    ("number", gettext_lazy("Number")),
]


class QuestionForm(forms.Form):
    mark_optional = False

    key = forms.SlugField(required=False, max_length=60, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Answer"), choices=KINDS)
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)
    choices = forms.CharField(
        label=gettext_lazy("To choose from"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Separated by semicolons."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(label=_(str(name)), required=False, max_length=300)

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[f"text_{code}"] for code, _name in settings.LANGUAGES]

    def row(self) -> dict[str, Any] | None:
        """None where nothing is asked."""
        given = self.cleaned_data
        text = {code: given[f"text_{code}"] for code, _name in settings.LANGUAGES}
        if not any(text.values()):
            return None
        choices = [one.strip() for one in given["choices"].split(";")]
        return {**{name: given[name] for name in ("key", "kind", "required")}, "text": text, "choices": choices}


class BaseQuestionFormSet(RememberedRows):
    def rows(self) -> list[dict[str, Any]]:
        found = [form.row() for form in self.forms if form.has_changed() or form.initial]
        return [row for row in found if row]


QuestionFormSet = forms.formset_factory(
    QuestionForm, formset=BaseQuestionFormSet, extra=2, max_num=MOST, absolute_max=MOST
)


def initial_of(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a program that was put in by hand left out is as the reader of its questions takes it."""
    return [
        {
            "key": one["key"],
            "kind": one.get("kind", "text"),
            "required": bool(one.get("required")),
            "choices": "; ".join(one.get("choices", ())),
            **{f"text_{code}": text for code, text in one["text"].items()},
        }
        for one in questions
    ]

"""The playbook editor's form. What a playbook may say is the verb's business (domain/playbooks)."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from accounts.domain.conditions import OPS, fields_of
from accounts.enums import AskKind, AssigneeRule, DueClock, Priority
from accounts.forms import needed
from accounts.models import Account, Playbook, User
from accounts.registry import activity_kinds

MOST_ROWS = 20


def triggers() -> list[tuple[str, Any]]:
    return sorted(((kind.name, kind.label) for kind in activity_kinds if kind.trigger), key=lambda pair: str(pair[1]))


class NewPlaybookForm(forms.Form):
    """First what it is called and what sets it off; everything else depends on that."""

    name = forms.CharField(label=_("Name"), max_length=120, error_messages=needed.NAME)
    trigger = forms.ChoiceField(label=_("When"), choices=triggers)


class PlaybookForm(forms.Form):
    mark_optional = False

    name = forms.CharField(label=_("Name"), max_length=120, error_messages=needed.NAME)
    title = forms.CharField(
        label=_("Title of the follow-up"), max_length=200, error_messages={"required": _("Give it a title.")}
    )
    instructions = forms.CharField(
        label=_("Instructions"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=5000
    )
    steps = forms.CharField(
        label=_("Steps"), required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("One a line.")
    )
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    due_hours = forms.IntegerField(
        label=_("Due after, hours"), min_value=0, max_value=8760, error_messages=needed.WHOLE_NUMBER
    )
    due_clock = forms.ChoiceField(label=_("Counted in"), choices=DueClock.choices)
    promise = forms.BooleanField(
        label=_("This is a promise to the customer"),
        required=False,
        help_text=_("Broken promises come first in the queue, and a snooze may not hide one."),
    )
    assignee_rule = forms.ChoiceField(label=_("Goes to"), choices=AssigneeRule.choices)
    pool = forms.ModelMultipleChoiceField(
        User.objects.workers(), label=_("Pool"), required=False, widget=forms.CheckboxSelectMultiple
    )
    cool_down_days = forms.IntegerField(
        label=_("Cool-down, days"),
        min_value=0,
        max_value=365,
        error_messages=needed.WHOLE_NUMBER,
        help_text=_("For so long after closing it does not open again for the same account."),
    )
    asks = forms.ChoiceField(
        label=_("Asks the contact for"),
        choices=[("", _("nothing")), *AskKind.choices],
        required=False,
        help_text=_(
            "Nobody is asked twice within 14 days, nor while the account is red or a detractor waits for a call."
        ),
    )
    subject_field = forms.ChoiceField(label=_("One for each"), required=False)
    closes_on = forms.ChoiceField(label=_("Closes by itself on"), required=False)

    def __init__(self, *args: Any, trigger: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [(name, field.label) for name, field in fields_of(trigger).items() if not name.startswith("account.")]
        self.fields["subject_field"].choices = [("", _("account")), *own]  # type: ignore[attr-defined]
        self.fields["closes_on"].choices = [("", _("nothing: somebody closes it")), *triggers()]  # type: ignore[attr-defined]

    def clean_steps(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["steps"].splitlines() if line.strip()]

    @staticmethod
    def initial_of(playbook: Playbook) -> dict[str, Any]:
        names = set(PlaybookForm.base_fields) - {"steps", "pool"}
        return {name: getattr(playbook, name) for name in names} | {
            "steps": "\n".join(playbook.steps),
            "pool": playbook.pool.all(),
        }


class ConditionForm(forms.Form):
    mark_optional = False

    field = forms.ChoiceField(label=_("Field"), required=False)
    op = forms.ChoiceField(label=_("Comparison"), choices=list(OPS.items()), required=False)
    value = forms.CharField(label=_("Value"), max_length=2000, required=False)

    def __init__(self, *args: Any, trigger: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(name, field.label) for name, field in fields_of(trigger).items()] if trigger else []
        self.fields["field"].choices = [("", "–"), *named]  # type: ignore[attr-defined]


class TextForm(forms.Form):
    mark_optional = False

    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(label=_("Text"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4}))


class RowsFormSet(BaseFormSet):
    """Rows of a small table; an emptied one is gone."""

    def rows(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if any(form.cleaned_data.get(n) for n in self.telling)]

    telling: tuple[str, ...] = ()


class ConditionRows(RowsFormSet):
    telling = ("field",)

    @staticmethod
    def initial_of(conditions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            row | {"value": ", ".join(map(str, row["value"])) if isinstance(row["value"], list) else row["value"]}
            for row in conditions
        ]


class TextRows(RowsFormSet):
    telling = ("name", "subject", "body")


Conditions = formset_factory(ConditionForm, formset=ConditionRows, extra=2, max_num=MOST_ROWS, validate_max=True)
Texts = formset_factory(TextForm, formset=TextRows, extra=1, max_num=MOST_ROWS, validate_max=True)


class TryForm(forms.Form):
    """On which account to try a playbook out."""

    account = forms.CharField(
        label=_("Account"),
        max_length=200,
        help_text=_("Its name or external id."),
        error_messages={"required": _("Choose the account.")},
    )

    def clean_account(self) -> Account:
        text = self.cleaned_data["account"].strip()
        found = Account.objects.filter(external_id=text).first() or Account.objects.filter(name__iexact=text).first()
        if found is None:
            raise forms.ValidationError(_("There is no account of that name or id."))
        return found

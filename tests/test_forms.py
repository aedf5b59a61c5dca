"""What the team fills in all day, and what an admin sets up, says in its own words what is missing."""

import pytest
from django import forms

from accounts.forms import customers, playbooks, queue, renewals, settings, webhooks
from health.forms import campaigns, scoring
from onboarding.forms import checklists, templates, touch
from referrals.forms import staff

GENERIC = str(forms.Field.default_error_messages["required"])
SMALL = [
    queue.DoneForm, queue.SnoozeForm, queue.HandOverForm, queue.CancelForm, queue.CallForm, queue.NewForm,
    queue.SaveViewForm, customers.CallForm, customers.NoteForm, customers.ContactForm, customers.AccountForm,
    renewals.StageForm, renewals.CallForm, renewals.TakeBackForm, renewals.SettleForm, renewals.DecideForm,
    settings.MoveAccountsForm, playbooks.TryForm, scoring.PulseForm, scoring.MovesForm, checklists.InviteForm,
    checklists.StartForm, checklists.CancelForm, touch.ChooseForm, staff.ReasonForm, staff.AdjustForm,
    settings.UserForm, settings.ProfileForm, settings.SegmentForm, settings.TokenForm, webhooks.WebhookForm,
    scoring.ActionForm, scoring.TargetsForm, playbooks.NewPlaybookForm, playbooks.PlaybookForm, campaigns.NewSurveyForm, campaigns.SurveyForm,
    templates.TemplateForm, templates.NewTemplateForm, templates.StepForm,
]  # fmt: skip


def can_be_empty(field: forms.Field) -> bool:
    """A list that begins with its first choice never is."""
    filled_in = field.initial is not None or type(field) in {forms.ChoiceField, forms.TypedChoiceField}
    return field.required and not (filled_in and isinstance(field.widget, forms.Select))


@pytest.mark.parametrize("form", SMALL, ids=lambda form: f"{form.__module__}.{form.__name__}")
def test_each_field_says_what_is_missing(form):
    asked = {name: field for name, field in form.base_fields.items() if can_be_empty(field)}
    assert [name for name, field in asked.items() if str(field.error_messages["required"]) == GENERIC] == []

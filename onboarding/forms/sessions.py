"""What is written after a session, and what becomes of one that is to come."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.queue import FIRST, WHEN_FORMAT, PersonField, TellingForm, WhenField, morning
from accounts.models import Account, User
from onboarding.domain.attendance import TAG_LENGTH, TAGS
from onboarding.models import Session

COMMA = ","


class WriteUpForm(TellingForm):
    """Takeaways, what was hard, what comes next. The next step may open a follow-up for somebody."""

    mark_optional = False

    notes = forms.CharField(
        label=_("Takeaways"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, **FIRST}),
        help_text=_("What they want to reach, what was agreed."),
    )
    known = forms.MultipleChoiceField(
        label=_("Friction points"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    more = forms.CharField(
        label=_("Other friction points"),
        required=False,
        max_length=TAGS * (TAG_LENGTH + 1),
        help_text=_("What was hard for them, in a word or two each; separated by commas."),
    )
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=240)
    follow_up = forms.BooleanField(label=_("Open a follow-up for it"), required=False)
    account = forms.ModelChoiceField(Account.objects.none(), label=_("Account"), required=False, empty_label=None)
    assignee = PersonField(label=_("For"), required=False, empty_label=None)
    due_at = WhenField(label=_("Due"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        session: Session,
        accounts: Sequence[Account],
        suggested: Sequence[str],
        by: User,
    ) -> None:
        super().__init__(data, initial=_initial(session, accounts, by))
        chosen = data.getlist("known") if data is not None else []
        tags = list(dict.fromkeys([*session.friction, *suggested, *chosen]))
        self.fields["known"].choices = [(tag, tag) for tag in tags]  # type: ignore[attr-defined]
        whose = Account.objects.filter(pk__in=[account.pk for account in accounts]).order_by("name")
        self.fields["account"].queryset = whose  # type: ignore[attr-defined]
        self.accounts = accounts
        if not accounts:  # a prospect: there is nobody yet whom a follow-up could be about
            for name in ("follow_up", "account", "assignee", "due_at"):
                del self.fields[name]
        elif len(accounts) == 1:
            del self.fields["account"]

    def clean(self) -> None:
        if self.opens and not self.cleaned_data.get("due_at") and "due_at" not in self.errors:
            self.add_error("due_at", _("Say by when."))

    @property
    def opens(self) -> bool:
        """Without a next step there is nothing to follow up, whatever is ticked."""
        return bool(self.cleaned_data.get("follow_up") and self.cleaned_data.get("next_step"))

    @property
    def friction(self) -> list[str]:
        return [*self.cleaned_data["known"], *self.cleaned_data["more"].split(COMMA)]

    @property
    def about(self) -> Account | None:
        """Whom the follow-up is about, if there is to be one."""
        return (self.cleaned_data.get("account") or self.accounts[0]) if self.opens else None


def _initial(session: Session, accounts: Sequence[Account], by: User) -> dict[str, Any]:
    csm = accounts[0].csm if accounts else None
    return {
        "notes": session.notes,
        "known": session.friction,
        "next_step": session.next_step,
        # Written once, it has its follow-up; corrected, it needs no second one.
        "follow_up": not session.next_step,
        "account": accounts[0].pk if accounts else None,
        "assignee": csm.pk if csm and csm.is_active else by.pk,
        "due_at": timezone.localtime(morning(2)).strftime(WHEN_FORMAT),
    }


class CancelForm(TellingForm):
    reason = forms.CharField(
        label=_("Why"), max_length=400, required=False, help_text=_("It stands in the mail they get.")
    )

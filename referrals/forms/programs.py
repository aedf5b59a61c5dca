"""A program as an admin fills it in: money in whole units, addresses a line each, tiers as one line."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.forms.models import fields_for_model, model_to_dict
from django.utils.translation import gettext as _, gettext_lazy

from accounts.exceptions import DomainError
from accounts.forms.inputs import DayInput
from accounts.forms.remembering import Remembering
from referrals.domain.amounts import major
from referrals.domain.exactly import in_minor_units
from referrals.enums import Channel
from referrals.models import Program

PLAIN = (
    "name", "slug", "kind", "currency", "starts_on", "ends_on", "invites_promoters", "min_band", "open_to_apply",
    "approves_itself", "commission", "rate", "months", "tier_mode", "referrer_gets", "referrer_percent",
    "referrer_months", "friend_gets", "friend_percent", "friend_months", "attribution", "window_days", "hold_days",
    "clawback_days", "needs_onboarding", "dedupe_hours", "leak_sales", "leak_percent",
)  # fmt: skip
MONEY = ("amount", "cap_customer", "cap_month", "min_payout", "referrer_amount", "friend_amount")
PERCENTS = ("rate", "referrer_percent", "friend_percent")
EMPTY_IS_NONE = ("rate", "referrer_percent", "referrer_months", "friend_percent", "friend_months")
TEXTS = ("headline", "about")
HELP = {
    "slug": gettext_lazy("A part of its addresses. Made from the name if you leave it empty."),
    "currency": gettext_lazy("What partners are paid in."),
    "ends_on": gettext_lazy("The first day without it."),
    "min_band": gettext_lazy("Promoters are invited whose account is at least as healthy."),
    "months": gettext_lazy("From a customer's first payment. Empty: as long as they pay. 0: the first payment alone."),
    "window_days": gettext_lazy("Between the click and the sign-up."),
    "hold_days": gettext_lazy("Before what is earned can be paid out: time for refunds."),
    "needs_onboarding": gettext_lazy("Money waits until then, whatever its age."),
}


class ProgramForm(Remembering, forms.Form):
    """Its fields are the model's, but for money, tiers, addresses and texts."""

    mark_optional = False

    landing_urls = forms.CharField(
        label=gettext_lazy("Addresses its links may lead to"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One line each, with https://. The first is where links lead by themselves."),
    )
    tiers = forms.CharField(
        label=gettext_lazy("Tiers"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "By how many customers a partner has brought: “10: 10; 50: 15; 20” is 10 per cent up to 10 customers, 15 "
            "up to 50, 20 for all beyond. Empty: one rate."
        ),
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Channels"),
        required=False,
        choices=Channel.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("How partners may pass it on. None chosen means all."),
    )

    def __init__(self, data: Any = None, *, program: Program) -> None:
        super().__init__(data, initial=_initial(program))
        self.program = program
        days: dict[str, Any] = {name: DayInput(format="%Y-%m-%d") for name in ("starts_on", "ends_on")}
        self.fields |= fields_for_model(Program, PLAIN, widgets=days)
        for name in MONEY:
            self.fields[name] = _money_field(name)
        for code, _name in settings.LANGUAGES:
            self.fields |= {f"{what}_{code}": field for what, field in _text_fields().items()}
        for name, text in HELP.items():
            self.fields[name].help_text = text
        for name in ("slug", *EMPTY_IS_NONE):
            self.fields[name].required = False
        if program.pk:
            self.remember_what_was_seen()

    @property
    def languages(self) -> Iterator[tuple[str, Any, list[forms.BoundField], bool]]:
        for code, name in settings.LANGUAGES:
            fields = [self[f"{what}_{code}"] for what in TEXTS]
            yield code, name, fields, any(field.value() for field in fields)

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].strip().upper()

    def clean_tiers(self) -> list[dict[str, Any]]:
        try:
            return tiers_from(self.cleaned_data["tiers"])
        except (InvalidOperation, ValueError):
            raise forms.ValidationError(
                _("Write it like this: 10: 10; 50: 15; 20. The last tier has no end.")
            ) from None

    def clean_landing_urls(self) -> list[str]:
        return self.cleaned_data["landing_urls"].split()

    def clean(self) -> None:
        """In coins of the currency, or refused: also what was left as it stood, where the currency is another one."""
        currency = self.cleaned_data.get("currency") or self.program.currency
        for name in MONEY:
            if (amount := self.cleaned_data.get(name)) is not None:
                _in_coins(self, name, amount, currency)

    def apply(self) -> Program:
        """The program with what was typed; what was typed wrongly is left as it was."""
        given = self.changed
        if "currency" in given:  # an amount that was left as it stood is another number of cents in it
            given |= {name: self.cleaned_data[name] for name in MONEY if name in self.cleaned_data}
        for name in (*PLAIN, "tiers", "landing_urls", "channels"):
            if name in given:
                empty = name in EMPTY_IS_NONE and given[name] is None
                setattr(self.program, name, 0 if empty else given[name])
        for name in MONEY:
            if name in given:
                setattr(self.program, name, self._minor(name))
        self.program.texts = self._texts()
        return self.program

    def _minor(self, name: str) -> int | None:
        amount: Decimal | None = self.cleaned_data[name]
        if amount is None:
            return None if Program._meta.get_field(name).null else 0
        return in_minor_units(amount, self.program.currency, field=name)

    def _texts(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for code, _name in settings.LANGUAGES:
            if texts := {what: text for what in TEXTS if (text := self._text(code, what))}:
                found[code] = texts
        return found

    def _text(self, code: str, what: str) -> str:
        if (name := f"{what}_{code}") in self.touched:
            return self.cleaned_data.get(name, "").strip()
        return self.program.texts.get(code, {}).get(what, "")


def _in_coins(form: forms.Form, name: str, amount: Decimal, currency: str) -> None:
    try:
        in_minor_units(amount, currency)
    except DomainError as error:
        form.add_error(name, str(error))


def _money_field(name: str) -> forms.DecimalField:
    column: Any = Program._meta.get_field(name)
    label = str(column.verbose_name)
    return forms.DecimalField(
        label=label[:1].upper() + label[1:], required=False, min_value=0, max_digits=14, decimal_places=4
    )


def _text_fields() -> dict[str, forms.Field]:
    return {
        "headline": forms.CharField(label=gettext_lazy("Headline"), required=False, max_length=160),
        "about": forms.CharField(
            label=gettext_lazy("About it"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
        ),
    }


def _initial(program: Program) -> dict[str, Any]:
    texts = {f"{what}_{code}": said.get(what, "") for code, said in program.texts.items() for what in TEXTS}
    return {
        **model_to_dict(program, PLAIN),
        **{name: plainly(Decimal(getattr(program, name))) for name in PERCENTS},
        **{name: _in_units(program, name) for name in MONEY},
        **texts,
        "tiers": tiers_as_text(program.tiers),
        "landing_urls": "\n".join(program.landing_urls),
        "channels": program.channels,
    }


def _in_units(program: Program, name: str) -> str:
    held = getattr(program, name)
    return "" if held is None or (not held and name != "min_payout") else plainly(major(held, program.currency))


def plainly(number: Decimal) -> str:
    """Without zeros at its end."""
    return f"{number.normalize():f}"


def tiers_as_text(tiers: list[dict[str, Any]]) -> str:
    return "; ".join(f"{tier['up_to']}: {tier['rate']}" if tier["up_to"] else str(tier["rate"]) for tier in tiers)


def tiers_from(text: str) -> list[dict[str, Any]]:
    """ "10: 10; 50: 15; 20": 10 % up to 10 customers, 15 % up to 50, 20 % for all beyond. Else a ValueError."""
    tiers: list[dict[str, Any]] = []
    for part in filter(None, map(str.strip, text.split(";"))):
        until, colon, share = part.rpartition(":")
        rate = Decimal(share.strip().rstrip("%"))
        if not 0 <= rate <= 100:
            raise ValueError
        tiers.append({"up_to": int(until) if colon else None, "rate": plainly(rate)})
    return tiers


class ExampleForm(forms.Form):
    """What the example is worked out for."""

    mark_optional = False

    payment = forms.DecimalField(
        label=gettext_lazy("A customer pays, a month"), min_value=0, max_digits=12, decimal_places=2, initial=100
    )
    customers = forms.IntegerField(label=gettext_lazy("Customers brought"), min_value=1, max_value=1000, initial=5)

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data)
        self.currency = currency

    def clean(self) -> None:
        if (payment := self.cleaned_data.get("payment")) is not None:
            _in_coins(self, "payment", payment, self.currency)


class TermsForm(forms.Form):
    valid_from = forms.DateField(label=gettext_lazy("In force from"), widget=DayInput(format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        for code, name in settings.LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=_(str(name)), required=False, max_length=40_000, widget=forms.Textarea(attrs={"rows": 8}),
            )  # fmt: skip

    @property
    def languages(self) -> list[forms.BoundField]:
        return [self[f"text_{code}"] for code, _name in settings.LANGUAGES]

    def texts(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"text_{code}"] for code, _name in settings.LANGUAGES}

"""Money of the ledger in templates: kept in minor units, shown to the last cent."""

from django import template

from accounts.templatetags.ui import money
from referrals.domain.amounts import in_percent, major

register = template.Library()


@register.simple_tag(takes_context=True)
def minor(context: template.Context, amount: int | None, currency: str, *, signed: bool = False) -> str:
    """`{% minor entry.amount entry.currency %}`: 1234 is €12.34."""
    value = None if amount is None else major(amount, currency)
    return money(context, value, currency, exact=True, signed=signed)


register.simple_tag(in_percent, name="rate")

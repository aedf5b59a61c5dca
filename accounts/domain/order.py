"""The order of the queue, and the line that explains it."""

from decimal import Decimal

from accounts.enums import Band

# How likely a customer of this band is to leave within the year.
LOSS: dict[str, Decimal] = {
    Band.RED.value: Decimal("0.40"),
    Band.YELLOW.value: Decimal("0.15"),
    Band.GREEN.value: Decimal("0.05"),
    Band.THRIVING.value: Decimal("0.02"),
}
UNKNOWN_LOSS = Decimal("0.15")


def odds_of_loss(band: str) -> Decimal:
    return LOSS.get(band, UNKNOWN_LOSS)


def yearly_loss(mrr: Decimal, band: str) -> Decimal:
    """Yearly value × P(loss by band), as kept in FollowUp.expected_loss."""
    return round(Decimal(mrr) * 12 * odds_of_loss(band), 4)

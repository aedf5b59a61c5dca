"""Averages of what was ordered, from whichever app keeps invoices."""

from accounts.domain.metrics.orders import Orders, together
from accounts.domain.numbers.asking import Asked
from accounts.registry import order_books


def orders_by(dimension: str, asked: Asked) -> dict[str, Orders]:
    """By member; "" as dimension is everybody. A member is in none or in one book: they are not added up."""
    found: dict[str, Orders] = {}
    for book in order_books:
        found = {**book.load(asked, dimension), **found}
    return found


def orders_of(asked: Asked) -> Orders:
    return together(orders_by("", asked).values(), len(asked.months))


def behind_orders() -> str:
    return next((book.behind for book in order_books), "")

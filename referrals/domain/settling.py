"""What became of a batch's payouts: told line by line, or by a file of the bank's."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain.activity import Who
from accounts.exceptions import Conflict, DomainError
from referrals.domain import payouts
from referrals.enums import PayoutStatus
from referrals.models import Payout, PayoutBatch

MOST_LINES = 20_000
MOST_PROBLEMS = 100
PAID = {"paid", "succeeded", "success", "ok", "completed", "executed"}
FAILED = {"failed", "rejected", "returned", "refused", "error", "canceled", "cancelled"}


@dataclass
class Settled:
    paid: int = 0
    failed: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)  # line of the file, sentence


@transaction.atomic
def mark(batch: PayoutBatch, ids: Iterable[int], verb: str, text: str = "", *, by: Who = None) -> int:
    """Those of the batch's payouts that were chosen."""
    rows = list(batch.payouts.filter(pk__in=list(ids)).order_by("pk"))
    if not rows:
        raise DomainError(_("Choose payouts of this batch first."), code="nothing_chosen")
    if verb == "paid":
        return payouts.mark_paid(rows, reference=text, by=by)
    return sum(payouts.mark_failed(row, text, by=by) for row in rows)


@transaction.atomic
def settle(batch: PayoutBatch, data: bytes, *, by: Who = None) -> Settled:
    """A line that cannot be taken stops no other. The same file twice changes nothing the second time."""
    result = Settled()
    known = {row.pk: row for row in batch.payouts.select_related("batch__program", "partner")}
    paid: dict[str, list[Payout]] = {}
    for number, line in _lines(data):
        row = _known(known, line.get("payout", ""))
        if row is None:
            _problem(result, number, _("There is no such payout in this batch."))
            continue
        _settle(result, number, row, line, paid, by)
    for reference, rows in paid.items():
        result.paid += payouts.mark_paid(rows, reference=reference, by=by)
    return result


def _settle(  # noqa: PLR0917 - what a line is made of
    result: Settled, number: int, row: Payout, line: Mapping[str, str], paid: dict[str, list[Payout]], by: Who
) -> None:
    status = line.get("status", "").casefold()
    if status in FAILED:
        result.failed += payouts.mark_failed(row, line.get("reason", "")[:400], by=by)
    elif status not in PAID:
        _problem(result, number, _("The status is neither paid nor failed."))
    elif row.status == PayoutStatus.FAILED:
        _problem(result, number, _("It has failed before: its money is in the next batch."))
    else:
        paid.setdefault(line.get("reference", "")[:140], []).append(row)


def _problem(result: Settled, number: int, sentence: str) -> None:
    if len(result.problems) < MOST_PROBLEMS:
        result.problems.append((number, sentence))


def _known(known: Mapping[int, Payout], text: str) -> Payout | None:
    """Spreadsheets put a ' before what they take for a text."""
    number = text.strip().lstrip("'")
    return known.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None


def _lines(data: bytes) -> Iterable[tuple[int, Mapping[str, str]]]:
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(_("This is no text in UTF-8.")) from None
    if "\0" in text:
        raise _wrong(_("This is no CSV file."))
    rows = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    try:
        header = [cell.strip().casefold() for cell in next(rows, [])]
        if not {"payout", "status"} <= set(header):
            raise _wrong(_("The file needs the columns payout and status."))
        for number, cells in enumerate(rows, 2):
            if number > MOST_LINES:
                raise _wrong(_("At most %(most)s lines at once.") % {"most": MOST_LINES})
            if any(cells):
                yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    except csv.Error:
        raise _wrong(_("This is no CSV file.")) from None


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _wrong(sentence: str) -> DomainError:
    return DomainError(sentence, code="bad_file", errors={"file": [sentence]})


def confirmed(batch_preview: tuple[int, int], shown: tuple[str, str]) -> None:
    """What is made is what was shown: how many, and how much."""
    if tuple(map(str, batch_preview)) != shown:
        raise Conflict(_("Something has changed since this was shown. Look at it again."), code="stale")

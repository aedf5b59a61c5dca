"""Accounts by the thousand: one statement a step, whatever the number of rows."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.account_values import FIELDS, clean_external_id, refuse
from accounts.domain.activity import Fact, Who, record_many
from accounts.domain.bulk import Counts, chunks, record_set, stage_rows
from accounts.domain.followups import move_along
from accounts.exceptions import DomainError
from accounts.models import Account, Segment, User

COLUMNS = {
    "name": "text",
    "domain": "text",
    "segment_id": "bigint",
    "csm_id": "bigint",
    "stage": "text",
    "currency": "text",
    "time_zone": "text",
    "country": "text",
    "industry": "text",
    "channel": "text",
    "custom": "jsonb",
    "started_on": "date",
}
# Few different values, cleaned once each.
REPEATING = {"stage", "currency", "time_zone", "country", "industry", "channel"}
STAGED = {"position": "int", "external_id": "text", **COLUMNS}


def upsert_accounts(rows: Iterable[Mapping[str, Any]], *, by: Who, source: str = "import") -> Counts:
    """Rows are fields by name, with `external_id`; None and what is left out stay as they are.

    A bad row is refused by itself, at its index. New accounts stand on the timeline ("created"), but nothing
    answers to that: a book that is brought in is no news.
    """
    counts, clean, position = Counts(), RowCleaner(), 0
    for chunk in chunks(rows):
        with transaction.atomic():
            counts.add(_upsert(chunk, position, clean, by, source))
        position += len(chunk)
    return counts


class RowCleaner:
    """Cleans row after row. What it has to look up it looks up once: segments and people are few."""

    def __init__(self) -> None:
        segments = {key.casefold(): row for row in Segment.objects.all() for key in (row.key, row.name)}
        people = {user.email.casefold(): user for user in User.objects.all()}
        self.known: dict[str, dict[str, Any]] = {"segment": segments, "csm": people}
        self.seen: dict[tuple[str, Any], Any] = {}

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {"external_id": clean_external_id(row.get("external_id"))}
        for name, given in row.items():
            if name == "external_id" or given is None:
                continue
            try:
                values[name] = self.value(name, given)
            except DomainError as error:
                raise refuse(name, error.message) from None
        return values

    def value(self, name: str, given: Any) -> Any:
        if name not in FIELDS:
            raise DomainError(_("There is no such field."))
        if name in self.known:
            return FIELDS[name].clean(self.looked_up(name, given))
        if name not in REPEATING:
            return FIELDS[name].clean(given)
        if (name, given) not in self.seen:
            self.seen[name, given] = FIELDS[name].clean(given)
        return self.seen[name, given]

    def looked_up(self, name: str, given: Any) -> Any:
        if not isinstance(given, str) or not given.strip():
            return given or None
        if found := self.known[name].get(given.strip().casefold()):
            return found
        unknown = _("There is no segment “%(name)s”.") if name == "segment" else _("Nobody here is “%(name)s”.")
        raise DomainError(unknown % {"name": given[:80]})


def _upsert(chunk: Sequence[Mapping[str, Any]], offset: int, clean: Callable, by: Who, source: str) -> Counts:
    counts, good = Counts(), {}
    for position, row in enumerate(chunk, offset):
        try:
            values = clean(row)
            if values["external_id"] in good:
                raise refuse("external_id", _("This id stands twice; the first row is taken."))
            good[values["external_id"]] = (position, values)
        except DomainError as error:
            counts.refused.append((position, error))
    with connection.cursor() as cursor:
        stage_rows(cursor, "incoming_accounts", STAGED, (_staged(*entry) for entry in good.values()))
        counts.add(_write(cursor, by, source))
    counts.refused.sort(key=lambda refusal: refusal[0])
    return counts


@transaction.atomic
def upsert_accounts_from(select: str, *, by: Who, source: str = "import") -> Counts:
    """The same for rows that wait in a table already: `select` gives the columns of STAGED, clean by the rules of
    account_values and no id twice. Refused is told by `position`."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.incoming_accounts")
        cursor.execute(f"create temporary table incoming_accounts on commit drop as {select}")
        cursor.execute("analyze incoming_accounts")
        return _write(cursor, by, source)


def _write(cursor: Any, by: Who, source: str) -> Counts:
    counts = Counts(refused=_without_name(cursor))
    counts.updated, known = _update(cursor, by)
    counts.created = _create(cursor, by, source)
    counts.unchanged = known - counts.updated
    return counts


def _staged(position: int, values: Mapping[str, Any]) -> list[Any]:
    row = dict(values)
    for name in ("segment", "csm"):
        related = row.pop(name, None)
        row[f"{name}_id"] = related.pk if related else None
    if "custom" in row:
        row["custom"] = json.dumps(row["custom"])
    if "time_zone" in row:
        row["time_zone"] = str(row["time_zone"])
    return [position, row["external_id"], *(row.get(column) for column in COLUMNS)]


def _without_name(cursor: Any) -> list[tuple[int, DomainError]]:
    cursor.execute(
        """
        delete from incoming_accounts i where name is null
            and not exists (select from accounts_account a where a.external_id = i.external_id)
        returning position
        """
    )
    return [(position, refuse("name", _("A new account needs a name."))) for (position,) in cursor.fetchall()]


def _update(cursor: Any, by: Who) -> tuple[int, int]:
    """How many changed, and how many were known at all."""
    cursor.execute(
        """
        select a.id from accounts_account a join incoming_accounts i using (external_id)
        order by a.id for no key update of a
        """
    )
    known = cursor.rowcount
    if not known:
        return 0, 0
    differs = ", ".join(f"case when i.{c} is distinct from a.{c} and i.{c} is not null then '{c}' end" for c in COLUMNS)
    cursor.execute(
        f"""
        with changed as (
            select a.id, i.position, array_remove(array[{differs}], null) as names, to_jsonb(a) as was,
                   (select coalesce(nullif(u.name, ''), u.email) from accounts_user u where u.id = a.csm_id) as csm_was,
                   (select coalesce(nullif(u.name, ''), u.email) from accounts_user u where u.id = i.csm_id) as csm_is
            from accounts_account a join incoming_accounts i using (external_id)
        )
        update accounts_account a
        set {", ".join(f"{c} = coalesce(i.{c}, a.{c})" for c in COLUMNS)}
        from changed c join incoming_accounts i using (position)
        where c.id = a.id and c.names <> '{{}}'
        returning a.id, c.names, c.was, to_jsonb(a), c.csm_was, c.csm_is
        """  # noqa: S608 - the names are the constants above
    )
    changed = cursor.fetchall()
    record_many([fact for row in changed for fact in _facts(row)], by=by)
    move_along({row[0]: _csms(row) for row in changed if "csm_id" in row[1]}, by=by)
    return len(changed), known


def _csms(row: Sequence[Any]) -> tuple[int | None, int | None]:
    return json.loads(row[2])["csm_id"], json.loads(row[3])["csm_id"]


def _facts(row: Sequence[Any]) -> list[Fact]:
    pk, names, was, now, csm_was, csm_is = row
    was, now = json.loads(was), json.loads(now)
    facts = []
    if "csm_id" in names:
        facts.append(Fact(pk, "account.csm_assigned", {"before": csm_was or "", "after": csm_is or ""}))
    if "stage" in names:
        facts.append(Fact(pk, "account.stage_changed", {"before": was["stage"], "after": now["stage"]}))
    if rest := [name for name in names if name not in ("csm_id", "stage")]:
        labels = ", ".join(str(FIELDS[name.removesuffix("_id")].label) for name in rest)
        changes = {name.removesuffix("_id"): [was[name], now[name]] for name in rest}
        facts.append(Fact(pk, "account.updated", {"fields": labels, "changes": changes}))
    return facts


def _create(cursor: Any, by: Who, source: str) -> int:
    empty = Account()
    defaults = {name: getattr(empty, name) for name in ("stage", "currency", "band")}
    cursor.execute(
        """
        insert into accounts_account
            (external_id, name, domain, segment_id, csm_id, stage, currency, time_zone, country, industry,
             channel, custom,
             started_on, created_at, mrr, seats, band, capped_by, known_weight)
        select external_id, name, coalesce(domain, ''), segment_id, csm_id, coalesce(stage, %(stage)s),
               coalesce(currency, %(currency)s), coalesce(time_zone, 'UTC'), coalesce(country, ''),
               coalesce(industry, ''), coalesce(channel, ''), coalesce(custom, '{}'),
               started_on, %(now)s, 0, 0, %(band)s, '', 0
        from incoming_accounts where name is not null order by position
        on conflict (external_id) do nothing
        returning id
        """,
        {**defaults, "now": timezone.now()},
    )
    ids = [str(pk) for (pk,) in cursor.fetchall()]
    if ids:
        select = (
            "select unnest(%(ids)s::bigint[]) as account_id, 'account.created' as kind,"
            " null::timestamptz as occurred_at,"
            " jsonb_build_object('source', %(source)s::text) as data"
        )
        # As text: a driver takes longer over a list of a hundred thousand than the database over its rows.
        params = {"ids": f"{{{','.join(ids)}}}", "source": source, "now": timezone.now()}
        record_set("account.created", select, params, by=by, quiet="true", count=0)
    return len(ids)

"""The waiting room of a run: a temporary table with one typed column per field, and one of refusals beside it.

Both belong to the run's connection and vanish with its transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from accounts.domain.imports.columns import escaped
from accounts.domain.imports.fields import TYPES, ImportField

ROWS, REFUSALS = "import_rows", "import_refusals"
AGAIN = "again.row_no = r.row_no AND again.nth > 1"


class Stage:
    def __init__(self, fields: Sequence[ImportField], mapped: frozenset[str]) -> None:
        self.fields = tuple(fields)
        # Only what the file says is written: a field nobody mapped keeps what is stored.
        self.mapped = mapped

    def open(self) -> None:
        columns = [f"{f.name} {TYPES[f.type].sql}" for f in self.fields]
        self.run(f"DROP TABLE IF EXISTS {ROWS}, {REFUSALS}")
        self.run(f"CREATE TEMP TABLE {ROWS} (row_no integer NOT NULL, {', '.join(columns)}) ON COMMIT DROP")
        self.run(f"CREATE TEMP TABLE {REFUSALS} (row_no integer NOT NULL, reason text NOT NULL) ON COMMIT DROP")

    def close(self) -> None:
        self.run(f"DROP TABLE IF EXISTS {ROWS}, {REFUSALS}")

    def add_field(self, declared: ImportField) -> None:
        """A field that no column says, and that is worked out from the others."""
        self.run(f"ALTER TABLE {ROWS} ADD COLUMN {declared.name} {TYPES[declared.type].sql}")
        self.fields, self.mapped = (*self.fields, declared), self.mapped | {declared.name}

    # In -------------------------------------------------------------------------------------------

    def add(self, numbers: Iterable[int], columns: Sequence[Sequence[str]]) -> None:
        """Values per column, escaped already."""
        lines = map("\t".join, zip(map(str, numbers), *columns, strict=True))
        self._copy(ROWS, "\n".join(lines))

    def add_refusals(self, refusals: Iterable[tuple[int, str]]) -> None:
        self._copy(REFUSALS, "\n".join(f"{number}\t{escaped(reason)}" for number, reason in refusals))

    def _copy(self, table: str, data: str) -> None:
        if not data:
            return
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(data + "\n")

    # Looking and refusing -------------------------------------------------------------------------

    def run(self, statement: str, params: Sequence[Any] | None = None) -> int:
        """A statement over {rows}; how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.rowcount

    def ask(self, statement: str, params: Sequence[Any] | None = None) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    def refuse(self, condition: str, sentence: str, *values: str, using: str = "", params: Sequence[Any] = ()) -> int:
        """Rows `r` for which `condition` holds leave the stage with `sentence`, its %s filled with `values`."""
        arguments = "".join(f", coalesce(({value})::text, '')" for value in values)
        return self.run(
            f"""WITH gone AS (DELETE FROM {ROWS} r {using and f"USING {using}"} WHERE {condition}
                              RETURNING r.row_no, format(%s{arguments}) AS reason)
                INSERT INTO {REFUSALS} SELECT DISTINCT ON (row_no) row_no, reason FROM gone""",
            [*params, sentence],
        )

    def drop_copies(self, *key: str) -> int:
        """Of rows that say the same thing twice (all of it, or the same `key`) the first stays; how many went."""
        columns = key or tuple(f.name for f in self.fields)
        if not self._repeats(columns):
            return 0
        return self.run(f"DELETE FROM {ROWS} r USING ({self._numbered(columns)}) again WHERE {AGAIN}")

    def refuse_repeats(self, key: Sequence[str], sentence: str, shown: str) -> int:
        """One key, two different rows: nobody can tell which is right, so the first stays and the rest say why."""
        if not self._repeats(key):
            return 0
        return self.refuse(AGAIN, sentence, shown, "again.first", using=f"({self._numbered(key)}) again")

    def _repeats(self, key: Sequence[str]) -> bool:
        columns = ", ".join(key)
        return bool(self.ask(f"SELECT 1 FROM {ROWS} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"))

    def _numbered(self, key: Sequence[str]) -> str:
        return f"""SELECT row_no, first_value(row_no) OVER w AS first, row_number() OVER w AS nth FROM {ROWS}
                   WINDOW w AS (PARTITION BY {", ".join(key)} ORDER BY row_no)"""

    def analyze(self) -> None:
        # A tenth of the usual sample: enough to know how many rows there are and how often names repeat.
        self.run("SET LOCAL default_statistics_target = 10")
        self.run(f"ANALYZE {ROWS}")
        self.run("RESET default_statistics_target")

    def count(self) -> int:
        return self.ask(f"SELECT count(*) FROM {ROWS}")[0][0]

    def refused(self) -> int:
        return self.ask(f"SELECT count(DISTINCT row_no) FROM {REFUSALS}")[0][0]

    def rows(self, *names: str) -> Iterator[tuple]:
        """Rows in the order of the file, row number first, never all in memory."""
        columns = ", ".join(("row_no", *names))
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {ROWS} ORDER BY row_no")
            while rows := cursor.fetchmany(2000):
                yield from rows

    def reasons(self) -> Iterator[tuple[int, str]]:
        """Refused rows in the order of the file, all reasons of a row in one text."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                f"""SELECT row_no, string_agg(reason, ' ' ORDER BY reason) FROM {REFUSALS}
                    GROUP BY row_no ORDER BY row_no"""
            )
            while rows := cursor.fetchmany(2000):
                yield from rows

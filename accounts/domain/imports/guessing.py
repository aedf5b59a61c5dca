"""What a file is about and which column says what, from the names of its columns and from what stands in them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.domain.imports import cells, presets
from accounts.domain.imports.fields import TYPES, ImportField, Source
from accounts.domain.imports.loader import Loader
from accounts.domain.imports.mapping import Mapping
from accounts.domain.imports.reading import Chunks, Shape, read
from accounts.registry import ImportKind, import_kinds

SAMPLE = 300
# How far a column is read for a day that only fits one order.
DEEP = 50_000


@dataclass(frozen=True)
class Sample:
    """The header and the first rows of a file."""

    header: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> list[str]:
        place = self.header.index(name)
        return [row[place] for row in self.rows if len(row) > place and row[place].strip()]


def sample_of(shape: Shape, chunks: Chunks) -> Sample:
    batch = next(iter(read(shape, chunks, size=SAMPLE)), None)
    return Sample(shape.header, batch.rows if batch else [])


def plain(name: str) -> str:
    """ "MonthlyCharges", "property_monthly_charges" and "Monthly charges (USD)" are all monthly_charges."""
    name = re.sub(r"\([^)]*\)", " ", name)
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    name = re.sub(r"[\W_]+", "_", name.casefold()).strip("_")
    return re.sub(r"^(property|properties|custom|field)_|_(usd|eur|gbp|c)$", "", name)


# What French and Romanian files call the commonest columns.
IN_ENGLISH = {
    "nom": "name", "raison_sociale": "name", "nume": "name", "denumire": "name", "firma": "company",
    "société": "company", "societe": "company", "client": "customer", "prénom": "first_name",
    "prenom": "first_name", "prenume": "first_name", "id_client": "customer_id", "code_client": "customer_id",
    "cod_client": "customer_id", "pays": "country", "țară": "country", "tara": "country", "secteur": "industry",
    "canal": "channel",
    "domeniu": "industry", "devise": "currency", "monnaie": "currency", "moneda": "currency", "monedă": "currency",
    "courriel": "email", "adresse_e_mail": "email", "adresa_email": "email", "téléphone": "phone",
    "telephone": "phone", "telefon": "phone", "fonction": "job_title", "funcție": "job_title",
    "site_web": "website", "abonnement": "subscription_id", "abonament": "subscription_id", "formule": "plan",
    "forfait": "plan", "plan_tarifar": "plan", "date_de_début": "start_date", "date_debut": "start_date",
    "data_inceput": "start_date", "data_început": "start_date", "date_de_fin": "end_date", "date_fin": "end_date",
    "data_sfarsit": "end_date", "data_sfârșit": "end_date", "date": "date", "data": "date", "sujet": "subject",
    "subiect": "subject", "priorité": "priority", "prioritate": "priority", "montant": "amount", "suma": "amount",
    "sumă": "amount", "commentaire": "comment", "comentariu": "comment", "scor": "score", "motif": "reason",
    "motiv": "reason", "numéro_de_facture": "invoice_number", "numar_factura": "invoice_number",
    "échéance": "due_date", "scadenta": "due_date", "scadență": "due_date", "statut": "status", "stare": "status",
}  # fmt: skip


# Which column says what ---------------------------------------------------------------------------


def mapping_of(loader: Loader, sample: Sample, source: str = "", kind: str = "") -> Mapping:
    """The best guess; what cannot be guessed is left open."""
    named = _by_plain_name(sample.header)
    special = presets.names(source, kind)
    mapping: Mapping = dict(presets.constants(source, kind))
    taken: set[str] = set()
    # What the source is known to mean comes before what such names mean in general; last is what pages call it.
    for names_of in (lambda f: special.get(f.name, ()), lambda f: f.names, lambda f: (plain(str(f.label)),)):
        for declared in loader.all_fields():
            column = None if declared.name in mapping else _column(declared, names_of(declared), named, taken, sample)
            if column:
                taken.add(column)
                mapping[declared.name] = _source(declared, column, sample)
    return mapping


def _by_plain_name(header: Iterable[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name in header:
        named.setdefault(plain(name), name)
    for name in header:
        if english := IN_ENGLISH.get(plain(name)):
            named.setdefault(english, name)
    return named


def _column(
    declared: ImportField, names: Sequence[str], named: dict[str, str], taken: set[str], sample: Sample
) -> str | None:
    found = [column for name in names if (column := named.get(name)) and column not in taken]
    if declared.required:  # an empty column is better than none, but only then
        return next((c for c in found if sample.column(c)), found[0] if found else None)
    return next((c for c in found if _fits(declared, sample.column(c))), None)


def _fits(declared: ImportField, found: list[str]) -> bool:
    """At least half of the cells can be read as what the field wants; an empty column may be anything."""
    if not found:
        return True
    sources = [Source(order=order, decimal=decimal) for order in ("dmy", "mdy") for decimal in ".,"]
    return any(_share(declared, source, found) >= 0.5 for source in sources)


def _share(declared: ImportField, source: Source, found: list[str]) -> float:
    convert = TYPES[declared.type].converter(declared, source)
    return sum(_reads(convert, cell) for cell in found) / len(found)


def _reads(convert: cells.Convert, cell: str) -> bool:
    try:
        convert(cell)
    except cells.Refused:
        return False
    return True


# In which way it is written -----------------------------------------------------------------------


def _source(declared: ImportField, column: str, sample: Sample) -> Source:
    found = sample.column(column)
    order = order_of(found) or "mdy" if declared.type in {"day", "moment"} and _slashed(found) else "dmy"
    decimal = decimal_of(found) if declared.type in {"number", "whole"} else "."
    return Source((column,), order=order, decimal=decimal)


_SLASHED = re.compile(r"\s*(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})\b")


def _slashed(found: Iterable[str]) -> bool:
    return any(_SLASHED.match(cell) and "." not in cell[:6] for cell in found)


def order_of(found: Iterable[str]) -> str:
    """Day or month first: said by one day beyond the twelfth; "" when every cell could be either."""
    for cell in found:
        if match := _SLASHED.match(cell):
            if int(match[1]) > 12 or match[2] == ".":
                return "dmy"
            if int(match[3]) > 12:
                return "mdy"
    return ""


def decimal_of(found: Iterable[str]) -> str:
    """The decimal sign of a column: the later of two signs, or a comma that does not part thousands."""
    commas = points = 0
    for cell in found:
        comma, point = cell.rfind(","), cell.rfind(".")
        if comma >= 0 and point >= 0:
            return "," if comma > point else "."
        if comma >= 0 and not re.search(r"\d,\d{3}(?!\d)", cell):
            commas += 1
        if point >= 0 and not re.search(r"\d\.\d{3}(?!\d)", cell):
            points += 1
    return "," if commas > points else "."


def settle_orders(mapping: Mapping, loader: Loader, shape: Shape, chunks: Chunks) -> tuple[Mapping, list[str]]:
    """Days that could be either way round in the sample are looked up further down the file; the columns that
    stay open are named, for a person to say."""
    open_columns = {
        source.columns[0]: name
        for name, source in mapping.items()
        if loader.field(name).type in {"day", "moment"} and len(source.columns) == 1
    }
    orders: dict[str, str] = {}
    doubtful: set[str] = set()
    rows = 0
    for batch in read(shape, chunks):
        for column in open_columns.keys() - orders.keys():
            place = shape.header.index(column)
            found = [row[place] for row in batch.rows if len(row) > place]
            if order := order_of(found):
                orders[column] = order
            elif _slashed(found):
                doubtful.add(column)
        rows += len(batch.rows)
        if rows >= DEEP or not (doubtful - orders.keys()):
            break
    settled = dict(mapping)
    for column, order in orders.items():
        name = open_columns[column]
        settled[name] = Source((column,), order=order, decimal=mapping[name].decimal)
    return settled, sorted(doubtful - orders.keys())


# What the file is about ---------------------------------------------------------------------------


def kind_of(sample: Sample) -> str:
    """The kind whose fields explain most of the columns; "" when none has what it needs."""
    scores = {kind.key: _score(kind, sample) for kind in import_kinds.sorted()}
    best = max(scores, key=lambda key: scores[key], default="")
    return best if best and scores[best] > 0 else ""


def _score(kind: ImportKind, sample: Sample) -> float:
    loader: Loader = kind.loader
    mapping = mapping_of(loader, sample, presets.recognise(sample.header), kind.key)
    signs = len({plain(name) for name in sample.header} & loader.signs)
    score = 3 * signs + len({c for s in mapping.values() for c in s.columns})
    if not _missing(loader, mapping):
        return score
    # Much speaks for it, and yet something needed is not there: better to ask for that than to call it another kind.
    return score / 2 if signs >= 3 else 0


def _missing(loader: Loader, mapping: Mapping) -> bool:
    needed = [f for f in loader.fields if f.required and not f.falls_back_to]
    groups = [g for g in loader.one_of if not any(mapping.get(name) for name in g)]
    return bool(groups) or any(not mapping.get(f.name) for f in needed)

"""Rows that tests of onboarding stand on."""

import ipaddress
import socket
from datetime import UTC, datetime
from typing import Any

from model_bakery import baker

from accounts.models import Account, Contact, User
from onboarding.models import PoolHost, Schedule, SessionType

NOW = datetime(2026, 6, 5, 8, tzinfo=UTC)  # a Friday, 10:00 in Paris
OFFICE = {str(day): [[540, 720], [780, 1020]] for day in range(5)}


def resolve(host: str, port: int, *_args: object, **_kwargs: object) -> list:
    """Names, as a resolver reads them: those of our own house, nobody's, and all others somewhere outside."""
    if host.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        address = "10.0.0.7" if host.endswith((".internal", "localhost")) else "93.184.216.34"
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_host(name: str = "Chloe", zone: str = "Europe/Paris", weekly: dict | None = None) -> User:
    user = baker.make(User, name=name, email=f"{name.lower()}@tenure.example", role="csm", time_zone=zone)
    baker.make(Schedule, user=user, time_zone=zone, weekly=OFFICE if weekly is None else weekly)
    return user


def make_type(*pool: User, **fields: Any) -> SessionType:
    given = {
        "slug": "kickoff", "minutes": 60, "every": 60, "notice": 0, "horizon_days": 30, "public": True,
        "texts": {"en": {"name": "Kick-off", "about": "We set up the first project."}},
    } | fields  # fmt: skip
    kind = baker.make(SessionType, **given)
    for user in pool:
        baker.make(PoolHost, session_type=kind, user=user, weight=100)
    return kind


def make_contact(csm: User | None = None, **fields: Any) -> Contact:
    account = baker.make(Account, name="Acme", external_id="acme", csm=csm, time_zone="America/New_York")
    given = {"name": "Kim Doe", "email": "kim@acme.example", "language": "en"} | fields
    return baker.make(Contact, account=account, **given)

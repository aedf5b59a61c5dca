"""Six people to sign in as."""

from accounts.enums import Role
from accounts.models import User

PASSWORD = "tenure-demo"  # noqa: S105 - a demo on one's own machine; `make run` prints it
TEAM = (
    ("admin", "Ada Marin", Role.ADMIN),
    ("manager", "Marc Olsen", Role.MANAGER),
    ("chloe", "Chloe Dubois", Role.CSM),
    ("andrei", "Andrei Popescu", Role.CSM),
    ("priya", "Priya Mehta", Role.CSM),
    ("viewer", "Vera Klein", Role.VIEWER),
)


def sign_ins() -> list[tuple[str, str]]:
    """(address, role) of everybody, for `make run` to print."""
    return [(f"{key}@tenure.example", str(role.label)) for key, _name, role in TEAM]


def hire() -> dict[str, User]:
    people = {
        key: User.objects.create_user(f"{key}@tenure.example", PASSWORD, name=name, role=role)
        for key, name, role in TEAM
    }
    User.objects.filter(role=Role.CSM).update(manager=people["manager"])
    User.objects.filter(role=Role.MANAGER).update(weekly_board="stability")
    return people

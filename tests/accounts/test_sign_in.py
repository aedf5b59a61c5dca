"""The door for staff: it locks after too many guesses, and asks for the second factor of those who have one."""

from collections.abc import Iterator

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.domain.factors import rewrite, seal_factors
from accounts.domain.sealed import unsealed
from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a long one that is nobody's"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def cleo(chloe: User) -> User:
    chloe.set_password(PASSWORD)
    chloe.save()
    return chloe


def sign_in(client: Client, user: User, password: str = PASSWORD, **extra: str):
    return client.post("/login/", {"login": user.email, "password": password}, **extra)


def inside(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_after_five_wrong_guesses_the_right_one_does_not_help_either(client, cleo) -> None:
    for _guess in range(5):
        assert "not correct" in sign_in(client, cleo, "wrong").content.decode()
    answer = sign_in(client, cleo)
    assert "Too many failed login attempts" in answer.content.decode()
    assert not inside(client)


def test_no_toast_says_that_one_is_in(client, cleo) -> None:
    answer = sign_in(client, cleo, follow=True)
    assert answer.status_code == 200
    assert list(answer.context["messages"]) == []


def test_guesses_at_one_door_lock_no_colleague_out(client, cleo, marc) -> None:
    marc.set_password(PASSWORD)
    marc.save()
    for _guess in range(5):
        sign_in(client, cleo, "wrong")
    sign_in(client, marc, REMOTE_ADDR="10.0.0.9")
    assert inside(client)


def test_one_address_cannot_try_everybody(client, people) -> None:
    answers = [sign_in(client, User(email=f"p{n}@tenure.example"), "wrong").content.decode() for n in range(12)]
    assert "Too many failed login attempts" in answers[-1]


@pytest.fixture
def with_second_factor(cleo: User) -> Iterator[User]:
    """A code is good for half a minute: it does not run out between reading and typing."""
    totp.TOTP.activate(cleo, SECRET)
    RecoveryCodes.activate(cleo)
    with time_machine.travel(timezone.now(), tick=False):
        yield cleo


def code_now() -> str:
    return totp.format_hotp_value(totp.hotp_value(SECRET, next(iter(totp.yield_hotp_counters_from_time()))))


def test_a_password_alone_does_not_open_where_there_is_a_second_factor(client, with_second_factor) -> None:
    answer = sign_in(client, with_second_factor)
    assert answer.status_code == 302
    assert not inside(client)
    client.post(answer["Location"], {"code": "000000"})
    assert not inside(client)
    client.post(answer["Location"], {"code": code_now()})
    assert inside(client)


def test_a_recovery_code_opens_once(with_second_factor) -> None:
    code = recovery_code(with_second_factor)
    assert [opened_by(with_second_factor, code) for _time in range(2)] == [True, False]


def test_whose_factor_is_taken_away_meanwhile_signs_in_with_the_password(client, with_second_factor) -> None:
    asked = sign_in(client, with_second_factor)["Location"]
    assert client.get(asked).status_code == 200
    with_second_factor.authenticator_set.filter(type="totp").delete()
    assert client.get(asked, follow=True).redirect_chain == [("/login/", 302)]
    sign_in(client, with_second_factor)
    assert inside(client)


def opened_by(user: User, code: str) -> bool:
    client = Client()
    client.post(sign_in(client, user)["Location"], {"code": code})
    return inside(client)


def kept(user: User) -> list[str]:
    return [row.data.get("secret") or row.data["seed"] for row in user.authenticator_set.order_by("type")]


def recovery_code(user: User) -> str:
    return RecoveryCodes(user.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]


def test_what_makes_the_codes_is_not_there_to_be_read(with_second_factor) -> None:
    seed, secret = kept(with_second_factor)
    assert (seed[:7], secret[:7], SECRET in secret) == ("sealed:", "sealed:", False)
    assert opened_by(with_second_factor, code_now())


def test_second_factors_from_before_open_and_are_sealed(with_second_factor) -> None:
    assert rewrite(Authenticator, unsealed) == 2
    before = recovery_code(with_second_factor)
    assert kept(with_second_factor)[1] == SECRET
    assert (seal_factors(), seal_factors()) == (2, 0)
    assert SECRET not in kept(with_second_factor)[1]
    assert opened_by(with_second_factor, code_now())
    assert recovery_code(with_second_factor) == before


def test_with_another_key_the_one_before_opens_until_all_is_sealed_with_the_new_one(
    with_second_factor, settings
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another one", [settings.SECRET_KEY]
    code = recovery_code(with_second_factor)
    assert (seal_factors(), seal_factors()) == (2, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert recovery_code(with_second_factor) == code
    assert opened_by(with_second_factor, code_now())


def test_where_the_key_is_gone_the_door_stays_shut_and_says_why(with_second_factor, settings) -> None:
    settings.SECRET_KEY = "another one"
    client = Client()
    answer = client.post(sign_in(client, with_second_factor)["Location"], {"code": code_now()})
    assert (answer.status_code, "Ask an admin to take it away" in answer.text) == (403, True)
    assert not inside(client)
    assert seal_factors() == 0


def test_who_is_switched_off_stays_outside(client, cleo) -> None:
    cleo.is_active = False
    cleo.save()
    sign_in(client, cleo)
    assert not inside(client)


def test_the_session_is_a_new_one_after_the_sign_in(client, cleo) -> None:
    client.get("/login/")
    before = client.session.session_key
    answer = sign_in(client, cleo)
    cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != before
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")

"""What reaches a form's address without being a form is not taken for an empty one."""

import pytest

from tests.accounts.spine import make_account

pytestmark = pytest.mark.django_db
SENTENCE = "No filled-in form has arrived, so nothing was changed."


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", '{"name": "Acme"}', 415),
        ("text/plain", "name=Acme", 415),
        ("application/x-www-form-urlencoded", "", 422),
    ],
)
@pytest.mark.parametrize(
    "address",
    [
        "/accounts/new/", "/accounts/{}/edit/", "/accounts/{}/contacts/new/", "/accounts/{}/notes/new/",
        "/accounts/{}/calls/new/", "/accounts/{}/pulse/", "/accounts/{}/checklist/start/", "/settings/profile/",
        "/settings/users/add/", "/settings/segments/add/",
    ],
)  # fmt: skip
def test_it_is_refused_with_a_sentence_and_nothing_is_written(signed_in, alice, address, content_type, body, status):
    account = make_account("Borealis", csm=alice)
    answer = signed_in(alice).post(address.format(account.pk), body, content_type=content_type)

    assert (answer.status_code, SENTENCE in answer.content.decode()) == (status, True)
    account.refresh_from_db()
    assert (account.name, type(account).objects.count()) == ("Borealis", 1)


def test_by_htmx_the_sentence_is_a_toast(signed_in, alice):
    answer = signed_in(alice).post(
        "/accounts/new/", "{}", content_type="application/json", headers={"HX-Request": "true"}
    )

    assert (answer.status_code, SENTENCE in answer["HX-Trigger"]) == (415, True)

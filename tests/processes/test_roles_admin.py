"""Every address there is, opened by an admin. For everybody else see tests/test_roles.py."""

import pytest

from tests import test_roles

pytestmark = pytest.mark.django_db
row = test_roles.row


def test_what_an_admin_may_open_is_what_the_table_says(people, row, signed_in):
    assert test_roles.surprises(people["alice"], signed_in(people["alice"]), row) == []

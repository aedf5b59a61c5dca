"""Every address there is, opened by an admin and by a manager. For everybody else see tests/test_roles.py."""

import pytest

from tests import test_roles

pytestmark = pytest.mark.django_db
row = test_roles.row


@pytest.mark.parametrize("who", ["alice", "marc"])
def test_what_they_may_open_is_what_the_table_says(who, people, row, signed_in):
    assert test_roles.surprises(people[who], signed_in(people[who]), row) == []

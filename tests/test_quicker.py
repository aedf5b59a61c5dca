"""The tests' own database begins empty, also after a run that was killed."""

import pytest

from accounts.models import Account, Playbook
from tests import quicker


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_run_has_left_is_gone_when_its_database_is_used_again() -> None:
    furniture = list(Playbook.objects.order_by("pk").values_list("key", "title"))
    furnished = list(quicker._furnished)
    Account.objects.create(external_id="left", name="Left behind")
    Playbook.objects.filter(key=furniture[0][0]).update(title="Changed")

    quicker._keep_an_empty_house()

    assert not Account.objects.exists()
    assert list(Playbook.objects.order_by("pk").values_list("key", "title")) == furniture
    assert quicker._furnished == furnished

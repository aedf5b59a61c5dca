"""Django's admin, the long tail of an admin's work: who gets there, and what is changed there.

That every page opens, with rows in it: tests/processes/test_admin_pages.py."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import reverse

from accounts.admin import ReadOnly

pytestmark = pytest.mark.django_db
BY_PAGE = {model._meta.label_lower.replace(".", "_"): model for model in admin.site._registry}
PAGES = sorted(BY_PAGE)


def test_no_page_is_for_anybody_else(chloe, signed_in) -> None:
    browser = signed_in(chloe)
    for page in PAGES:
        for name in ("changelist", "add"):
            assert browser.get(reverse(f"admin:{page}_{name}")).status_code in {302, 403}, (page, name)


def test_nothing_but_readings_is_corrected_here() -> None:
    """Neither what has a verb of its own, nor what is reckoned, or written once and for good."""
    open_to_change = {page for page in PAGES if not isinstance(admin.site._registry[BY_PAGE[page]], ReadOnly)}
    assert open_to_change == {"health_ticket", "health_invoice", "health_answer", "health_customreading"}


@pytest.mark.parametrize("role", ["manager", "csm", "viewer"])
def test_it_is_for_admins_alone(role, alice, signed_in) -> None:
    alice.role = role
    alice.save()
    assert signed_in(alice).get(reverse("admin:index")).status_code in {302, 403}


def test_a_second_factor_is_taken_away_and_never_read(alice, chloe, signed_in) -> None:
    lost = Authenticator.objects.create(user=chloe, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    Authenticator.objects.create(user=chloe, type="recovery_codes", data={"seed": "ab", "used_mask": 0})
    browser = signed_in(alice)

    page = browser.get(reverse("admin:mfa_authenticator_change", args=[lost.pk]))
    assert (page.status_code, "Chloe" in page.text, "JBSWY3DPEHPK3PXP" in page.text) == (200, True, False)
    browser.post(reverse("admin:mfa_authenticator_delete", args=[lost.pk]), {"post": "yes"})
    assert not Authenticator.objects.exists()


def test_recovery_codes_go_with_what_they_stood_in_for(alice, chloe, cyril, signed_in) -> None:
    for user in (chloe, cyril):
        for kind in ("totp", "recovery_codes"):
            Authenticator.objects.create(user=user, type=kind, data={})
    lost = chloe.authenticator_set.get(type="totp")
    chosen = {"action": "delete_selected", "_selected_action": [lost.pk], "post": "yes"}
    signed_in(alice).post(reverse("admin:mfa_authenticator_changelist"), chosen)
    assert list(Authenticator.objects.values_list("user", "type").order_by("type")) == [
        (cyril.pk, "recovery_codes"),
        (cyril.pk, "totp"),
    ]

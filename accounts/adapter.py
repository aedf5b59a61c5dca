from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.domain.sealed import SealLost, seal, unsealed
from accounts.exceptions import DomainError


class StaffAdapter(DefaultAccountAdapter):
    """An admin creates the team's accounts: nobody signs up by himself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class FactorAdapter(DefaultMFAAdapter):
    """Who reads the database, or a backup of it, cannot make a code."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unsealed(encrypted_text)
        except SealLost:
            sentence = _(
                "Your second factor cannot be read any more. Ask an admin to take it away, and set it up again."
            )
            raise DomainError(sentence, code="factor_lost", status=403) from None

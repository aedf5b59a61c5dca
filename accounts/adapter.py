from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):
    """An admin creates the team's accounts: nobody signs up by himself."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

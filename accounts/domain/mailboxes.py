"""Addresses that people's mail may go to."""

from django.core.validators import EmailValidator


class Elsewhere(EmailValidator):
    """Nobody makes us write into our own house: to mailboxes of this computer, or of one known by its number."""

    def __init__(self) -> None:
        super().__init__(allowlist=[])

    def validate_domain_part(self, domain_part: str) -> bool:
        return bool(self.domain_regex.match(domain_part))


check_mailbox = Elsewhere()

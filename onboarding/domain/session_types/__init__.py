"""What an admin decides about sessions that customers book."""

from onboarding.domain.session_types.preview import next_free
from onboarding.domain.session_types.saving import copy_type, delete_type, offer, save_type

__all__ = ["copy_type", "delete_type", "next_free", "offer", "save_type"]

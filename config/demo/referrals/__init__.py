"""Referrals of the demo company."""

from config.demo.referrals.story import bring_partners

__all__ = ["bring_partners"]

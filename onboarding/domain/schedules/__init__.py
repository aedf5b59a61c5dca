"""When the team takes sessions."""

from onboarding.domain.schedules.hours import coming_dates, forget_dates, save_hours, schedule_of, set_dates
from onboarding.domain.schedules.outside import sessions_outside

__all__ = ["coming_dates", "forget_dates", "save_hours", "schedule_of", "sessions_outside", "set_dates"]

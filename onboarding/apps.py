from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = _("Onboarding")

    def ready(self) -> None:
        from accounts.installing import after_migrate
        from onboarding.domain.templates.defaults import install_defaults

        after_migrate(self, "onboarding.templates", install_defaults)

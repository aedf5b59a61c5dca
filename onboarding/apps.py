from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = _("Onboarding")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from onboarding.domain.templates.defaults import install_defaults

        post_migrate.connect(install_defaults, sender=self, dispatch_uid="onboarding.templates")

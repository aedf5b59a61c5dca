from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = _("Health")

    def ready(self) -> None:
        from accounts.installing import after_migrate
        from health.domain.models import install_defaults
        from health.domain.surveys.defaults import install_defaults as install_surveys

        after_migrate(self, "health.defaults", install_defaults)
        after_migrate(self, "health.surveys", install_surveys)

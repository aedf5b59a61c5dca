from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = _("Health")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from health.domain.models import install_defaults
        from health.domain.surveys.defaults import install_defaults as install_surveys

        post_migrate.connect(install_defaults, sender=self, dispatch_uid="health.defaults")
        post_migrate.connect(install_surveys, sender=self, dispatch_uid="health.surveys")

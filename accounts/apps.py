from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Each app says in its hooks.py how it shows up on the ground floor (see registry.py).
        autodiscover_modules("hooks")
        from django.db.backends.signals import connection_created

        from accounts.adapting import adapt
        from accounts.domain.playbooks import install_defaults
        from accounts.domain.rules.reading import listen
        from accounts.installing import after_migrate

        after_migrate(self, "accounts.defaults", install_defaults)
        connection_created.connect(listen, dispatch_uid="accounts.rules")
        connection_created.connect(adapt, dispatch_uid="accounts.adapting")

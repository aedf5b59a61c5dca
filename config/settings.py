"""One settings file. Everything that differs between installations comes from the environment;
with nothing set it boots on the embedded servers (config/embedded)."""

import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from accounts import hiding
from config.embedded import addresses

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

TESTING = "pytest" in sys.modules
PRODUCTION = bool(env("DATABASE_URL", default="")) and not env.bool("TENURE_DEV", default=False)
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = addresses.data_dir()


def _generated_secret_key() -> str:
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def _refuse(sentence: str) -> None:
    raise ImproperlyConfigured(sentence)


if PRODUCTION:
    if DEBUG:
        _refuse("DEBUG is on while DATABASE_URL names a server: switch DEBUG off.")
    if not env("SECRET_KEY", default=""):
        _refuse("SECRET_KEY is not set: give it a long random text.")
    if not env.list("ALLOWED_HOSTS", default=[]):
        _refuse("ALLOWED_HOSTS is not set: name the hosts this installation answers to.")
    if not env("REDIS_URL", default=""):
        _refuse("REDIS_URL is not set: name the Redis or Valkey server that carries the tasks.")

SECRET_KEY = env("SECRET_KEY", default="") or _generated_secret_key()
# Keys of before, for as long as what was signed with them is to hold: links in mails, webhooks, sign-ins.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
BASE_URL = (env("BASE_URL", default="") or "http://127.0.0.1:8000").rstrip("/")
# Who writes: customers see it on their pages and in their mails.
COMPANY_NAME = env("COMPANY_NAME", default="Tenure")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

# Applications -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "health",
    "onboarding",
    "referrals",
    "config",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.HealthMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.audit.AuditMiddleware",
    "config.middleware.ReaderMiddleware",
    "config.middleware.HtmxResponseMiddleware",
    "config.middleware.LoginRequiredMiddleware",
    "config.middleware.DomainErrorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.l10n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "accounts.templatetags.ui",
                "accounts.templatetags.once",
            ],
        },
    }
]
# Texts without markup: the plain halves of mails, in which & is an &.
TEMPLATES.append(
    {**TEMPLATES[0], "NAME": "text", "OPTIONS": {**TEMPLATES[0]["OPTIONS"], "autoescape": False}}  # type: ignore[dict-item]
)

# Data ---------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(env("DATABASE_URL", default="") or addresses.database_url())}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 600,  # a connection per request costs 5 ms
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,  # verbs open their own transactions: a page that only reads needs none
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")


def _redis_database(url: str, number: int) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":  # urlunsplit() would drop its empty host, and two slashes with it
        return f"unix://{parts.netloc}{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def _broker_url(url: str) -> str:
    """Celery's own form of an address that is a socket."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")


CACHES = {
    "default": {
        "BACKEND": "config.cache.RedisCache",
        "LOCATION": _redis_database(REDIS_URL, 1) if REDIS_URL else addresses.cache_url(),
    }
}

# Sign-in and sessions -----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "accounts.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff are created by an admin; nobody signs up
ACCOUNT_PREVENT_ENUMERATION = True
MFA_ADAPTER = "accounts.adapter.FactorAdapter"
MFA_TOTP_ISSUER = "Tenure"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Language, numbers, time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French")), ("ro", _("Romanian"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
REPORTING_CURRENCY = env("REPORTING_CURRENCY", default="USD")

# Static files and mail ----------------------------------------------------------------------------

STATIC_URL = "/static/"
# Development serves what the finders find; there is nothing to collect.
STATIC_ROOT = DATA_DIR / "static" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION and not TESTING
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# How mails of the outbox leave the house: EMAIL_URL names an SMTP server, or EMAIL_BACKEND a service of anymail's (with
# its settings as JSON in ANYMAIL). Neither set: nothing leaves, and the outbox page shows what would have.
EMAIL_BACKEND = env("EMAIL_BACKEND", default="")
if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
MAIL_BACKEND = EMAIL_BACKEND
EMAIL_BACKEND = MAIL_BACKEND or "accounts.mailbox.OutboxBackend"
EMAIL_TIMEOUT = 20  # well under what a claimed mail is waited for
ANYMAIL = env.json("ANYMAIL", default={})
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Tenure <tenure@localhost>")

# Security -----------------------------------------------------------------------------------------

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = PRODUCTION and BASE_URL.startswith("https://")
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without TLS
METRICS_TOKEN = env("METRICS_TOKEN", default="")
# Private networks that calendars and webhooks may lead to all the same: "10.1.0.0/16,fd00::/8".
OUTGOING_NETWORKS = env.list("OUTGOING_NETWORKS", default=[])
CSRF_FAILURE_VIEW = "config.middleware.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION and BASE_URL.startswith("https://")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_MAX_BYTES = 100 * 1024 * 1024
# How often one address may call customers' pages within a minute.
VISITOR_RATE = env.int("VISITOR_RATE", default=120)
# For how many days a cookie ties a visitor's clicks on referral links together, where visitors were asked for leave.
REFERRAL_COOKIE_DAYS = env.int("REFERRAL_COOKIE_DAYS", default=0)
# How many proxies of one's own stand in front: whose word about the visitor's address is taken.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# API ----------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["accounts.api.parsers.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "accounts.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttling.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env("API_RATE", default="1200/min")},
    "DEFAULT_PAGINATION_CLASS": "accounts.api.paging.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "config.api.exception_handler",
    "PAGE_SIZE": 50,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Fields of one name with choices of their own, or one set of choices under two names.
API_ENUMS = ("SubscriptionStatus", "FollowUpStatus", "Band", "Stage", "RenewalStage", "ChurnReason")
SPECTACULAR_SETTINGS = {
    "TITLE": "Tenure API",
    "DESCRIPTION": (
        "Calls carry `Authorization: Bearer <token>`: an admin makes tokens under Settings, API tokens, or by "
        "`manage.py create_token NAME --scope SCOPE`. `write` may read and bring facts in (`ingest`) too, `admin` may "
        "do all of it. Accounts go by your own ids; a slash in an id is sent as %252F. Lists come in pages: follow "
        "`next`, `page_size` says how long. Writes take `Idempotency-Key`. What is refused answers `detail`, `code` "
        "and, by field, `errors`."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        **{name: f"accounts.enums.{name}" for name in API_ENUMS},
        **{name: f"health.enums.{name}" for name in ("TicketStatus", "InvoiceStatus")},
    },
}

# Celery: tried with killed workers and brokers ----------------------------------------------------

CELERY_BROKER_URL = _broker_url(REDIS_URL) if REDIS_URL else addresses.broker_url()
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or a slow task is run a second time beside itself.
    "visibility_timeout": env.int("CELERY_VISIBILITY_TIMEOUT", default=900),
    # A dead worker's task comes back at the next look, not after minutes of back-off.
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
}
# A page never hangs on a dead broker: the activity's row is the truth, the message only a hint.
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_REDBEAT_REDIS_URL = _redis_database(REDIS_URL, 2) if REDIS_URL else addresses.cache_url().replace("db=1", "db=2")
CELERY_BEAT_SCHEDULER = "config.timetable:Scheduler"
CELERY_REDBEAT_LOCK_TIMEOUT = 30

# Logs and errors ----------------------------------------------------------------------------------

_shared: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    hiding.in_logs,
]
structlog.configure(
    processors=[*_shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer()
            if env("LOG_FORMAT", default="") == "json"
            else structlog.dev.ConsoleRenderer(colors=False),
            "foreign_pre_chain": _shared,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING" if TESTING else "INFO")},
}
if env("SENTRY_DSN", default=""):
    import sentry_sdk

    sentry_sdk.init(
        dsn=env("SENTRY_DSN"),
        send_default_pii=False,
        before_send=hiding.in_reports,
        before_send_transaction=hiding.in_reports,
        before_breadcrumb=hiding.in_reports,
    )

SILENCED_SYSTEM_CHECKS = ["security.W021"] if not PRODUCTION else []

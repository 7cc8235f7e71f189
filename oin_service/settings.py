"""Every setting, read from the environment here and nowhere else.

``ENVIRONMENT`` is production unless said otherwise, and production has no unsafe default: what is
missing stops the process with a sentence.
"""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent
#: Where one machine keeps its database, keys and logs; production needs it only for static files.
HOME = Path(env.str("HUB_HOME", default=str(BASE_DIR / "var")))

#: As in pyproject.toml, which is not part of the image.
VERSION = "0.1.0"

ENVIRONMENT = env.str("ENVIRONMENT", default="production")
if ENVIRONMENT not in {"production", "development", "test"}:
    raise ImproperlyConfigured("ENVIRONMENT must be production, development or test.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env.str("SECRET_KEY")  # SECRET_KEY_FILE is read too
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE = PUBLIC_URL.startswith("https://")

# --- the vendor -------------------------------------------------------------------------------

VENDOR_NAME = env.str("VENDOR_NAME", default="Your vendor")
INTEGRATION_NAME = env.str("INTEGRATION_NAME", default="OIN service")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="support@example.com")
#: Scopes registered with the integration in the OIN Wizard, each with the reason shown to admins.
OKTA_SCOPES = env.json(
    "OKTA_SCOPES",
    default={
        "okta.apps.read": "Lists your applications and their sign-on settings, so that we can "
        "keep an inventory and point out risky configuration. Nothing is changed.",
        "okta.authorizationServers.read": "Reads your custom authorization servers with their "
        "access policies, rules, scopes, claims and keys, to check who may get which token. "
        "Nothing is changed.",
    },
)
#: The addresses our calls come from: customers' network zones have to let them in.
VENDOR_EGRESS_ADDRESSES = tuple(env.list("VENDOR_EGRESS_ADDRESSES", default=[]))
SETUP_LINK_DAYS = env.int("SETUP_LINK_DAYS", default=7)

# --- Okta -------------------------------------------------------------------------------------

OKTA_HOST_SUFFIXES = tuple(
    env.list(
        "OKTA_HOST_SUFFIXES",
        default=["okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil"],
    )
)
#: Development only: host suffix -> address, "okta.com=127.0.0.1:8443".
OKTA_DIAL = env.dict("OKTA_DIAL", default={})
OKTA_CA_BUNDLE = env.str("OKTA_CA_BUNDLE", default="") or None
if PRODUCTION and (OKTA_DIAL or OKTA_CA_BUNDLE):
    # Whoever can set these reads every secret that is meant for Okta.
    raise ImproperlyConfigured(
        "OKTA_DIAL and OKTA_CA_BUNDLE lead calls meant for Okta elsewhere. Unset them, or set "
        "ENVIRONMENT=development."
    )
OKTA_USER_AGENT = env.str("OKTA_USER_AGENT", default="oin-service/0.1")
#: The part of each rate limit of an org that we use at most; the rest is the customer's own.
OKTA_BUDGET_SHARE = env.float("OKTA_BUDGET_SHARE", default=0.4)
if not 0 < OKTA_BUDGET_SHARE <= 1:
    raise ImproperlyConfigured("OKTA_BUDGET_SHARE must be above 0 and at most 1.")

# --- runs and schedule ------------------------------------------------------------------------

TICK_EVERY_S = env.float("TICK_EVERY_S", default=2.0)
SYNC_EVERY_S = env.int("SYNC_EVERY_S", default=3600)
AUDIT_EVERY_S = env.int("AUDIT_EVERY_S", default=24 * 3600)
#: Runs of one tenant in work at the same time; those that people wait for come on top.
TENANT_RUNS_AT_ONCE = env.int("TENANT_RUNS_AT_ONCE", default=2)
#: A worker process to which no message comes for so long, although Redis answers, ends itself.
WORKER_SILENCE_S = env.float("WORKER_SILENCE_S", default=90.0)
#: Ended runs with their logs are kept so long, and at most so many of each tenant's.
RUN_HISTORY_DAYS = env.int("RUN_HISTORY_DAYS", default=90)
RUN_HISTORY_COUNT = env.int("RUN_HISTORY_COUNT", default=1000)
if RUN_HISTORY_DAYS < 1 or RUN_HISTORY_COUNT < 10:
    raise ImproperlyConfigured("RUN_HISTORY_DAYS must be at least 1, RUN_HISTORY_COUNT 10.")
#: Ages of a secret, in days, at which the customer and the operators are reminded of it.
SECRET_REMINDER_DAYS = env.list("SECRET_REMINDER_DAYS", cast=int, default=[60, 80, 90])
if not SECRET_REMINDER_DAYS or min(SECRET_REMINDER_DAYS) < 1:
    raise ImproperlyConfigured("SECRET_REMINDER_DAYS must be days, each at least 1.")
#: Age in days at which a secret is replaced by ourselves, where that is switched on.
ROTATE_SECRET_DAYS = env.int("ROTATE_SECRET_DAYS", default=50)
#: So long the old secret goes on working after the new one has taken its place.
ROTATION_GRACE_HOURS = env.float("ROTATION_GRACE_HOURS", default=24.0)
if ROTATE_SECRET_DAYS < 1 or ROTATION_GRACE_HOURS < 0:
    raise ImproperlyConfigured("ROTATE_SECRET_DAYS must be at least 1, ROTATION_GRACE_HOURS 0.")
#: A deleted tenant can be restored so long; after that nothing of it is kept.
DELETION_GRACE_DAYS = env.int("DELETION_GRACE_DAYS", default=30)
#: What tokens were used for is shown to the customer for so long.
TOKEN_USE_DAYS = env.int("TOKEN_USE_DAYS", default=90)
if TOKEN_USE_DAYS < 1:
    raise ImproperlyConfigured("TOKEN_USE_DAYS must be at least 1.")
#: A listing that would remove more than this share of what we know waits for a human.
SHRINK_LIMIT = env.float("SHRINK_LIMIT", default=0.5)

# --- database, Redis, keys --------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{HOME / 'db.sqlite3'}")}
#: Seconds to wait for a database that is locked or does not answer; the web process waits less.
DATABASE_WAIT_S = env.float("DATABASE_WAIT_S", default=20.0)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": DATABASE_WAIT_S,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"
        ),
    }
else:
    # Whole seconds, and never fewer than two, is how libpq counts them.
    # A host that vanishes without a word is noticed too, within the lease of a run.
    wait_s = {
        "connect_timeout": max(2, int(DATABASE_WAIT_S)),
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    DATABASES["default"]["OPTIONS"] = wait_s | DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
KEYRING_FILE = env.str("KEYRING_FILE", default=str(HOME / "keys" / "keyring.json"))
#: What a key file holds, for platforms that hand out variables only; the file is safer.
KEYRING_TEXT = env.str("KEYRING_TEXT", default="")

# --- Celery: one doorbell and one metronome ---------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
#: Slices that one worker has in work at once, and so its connections to the database.
CELERY_WORKER_CONCURRENCY = env.int("WORKER_THREADS", default=16)
if CELERY_WORKER_CONCURRENCY < 1:
    raise ImproperlyConfigured("WORKER_THREADS must be at least 1.")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
# A queue of its own for each worker, by which it hears whether messages still come through.
CELERY_WORKER_DIRECT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 15,
    "global_keyprefix": "hub:",
    # The worker's queues in the order in which it names them, not each in its turn.
    "queue_order_strategy": "priority",
}
# Doorbells name the queue of their run's urgency; this one is for what names none.
CELERY_TASK_ROUTES = {
    "control.*": {"queue": "control"},
    "run.*": {"queue": "scheduled"},
    "mail.*": {"queue": "bulk"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "control.tick",
        "schedule": TICK_EVERY_S,
        "options": {"expires": max(1.0, TICK_EVERY_S * 0.9)},
    }
}
# Beat keeps no state worth a file: what is due stands in the database.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# --- Django -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "tenants",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.web.middleware.RequestId",
    "tenants.web.middleware.PlainCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.web.middleware.NoStore",
]

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
                "tenants.web.context.vendor",
            ],
            "builtins": ["tenants.templatetags.hub"],
        },
    }
]

ROOT_URLCONF = "oin_service.urls"
WSGI_APPLICATION = "oin_service.wsgi.application"
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# The Argon2 hash first; the others only to read what an import may bring.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

ACCOUNT_ADAPTER = "tenants.web.accounts.ClosedSignup"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard:fleet"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; a worker waits for the mail server
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=SUPPORT_EMAIL)

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(HOME / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if ENVIRONMENT != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- transport and browser --------------------------------------------------------------------

# Rate limits of sign-in are counted in the database: losing Redis must loosen nothing.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # losing Redis must sign nobody out
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "tenants.web.error_pages.stale_form"

SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Else failed sign-ins of the whole world would count against one address, the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- metrics ----------------------------------------------------------------------------------

#: What Prometheus sends as its bearer token; without one, only this machine may read /metrics.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN can be guessed: give it 20 characters or more.")

# --- logs -------------------------------------------------------------------------------------

DEFAULT_EXCEPTION_REPORTER_FILTER = "tenants.logs.SafeReporterFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tenants.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    # A request line of httpx2 would name customers' hosts and cursors; our own runs say it better.
    "loggers": {
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        # At DEBUG these write down what is sent to a key service, data keys included.
        "boto3": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        # Three lines for each tick, day and night, would bury what matters.
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "django.server": {"handlers": ["stderr"], "propagate": False},
    },
}

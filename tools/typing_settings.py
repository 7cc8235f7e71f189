"""The settings as mypy's Django plugin loads them: nothing runs, so any signing key will do."""

import os

os.environ.setdefault("SECRET_KEY", "only for type checking")

from oin_service.settings import *  # noqa: F403 -- the key has to be there first

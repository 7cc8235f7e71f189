"""What a tick does for connections, besides their runs."""

import time

from tenants.connections.forgetting import empty_left_tenants, forget_deleted_tenants
from tenants.connections.reminders import remind, remind_operators
from tenants.connections.rotation_orders import queue_due_rotations
from tenants.outbox.sending import forget_old_mails

#: Days are counted in days: this process looks at the age of things so often.
LOOK_EVERY_S = 300.0

_looked_at = float("-inf")


def upkeep() -> None:
    forget_deleted_tenants()
    if _is_time_to_look():
        empty_left_tenants()
        remind()
        remind_operators()
        queue_due_rotations()
        forget_old_mails()


def _is_time_to_look() -> bool:
    global _looked_at
    now = time.monotonic()
    if now - _looked_at < LOOK_EVERY_S:
        return False
    _looked_at = now
    return True

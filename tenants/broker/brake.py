"""How often one process asks for the same token while it cannot share with the others."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from tenants.broker.errors import BrokerBusy

#: A first token, one in place of it that Okta refused, and one to be sure.
BURST = 3
WINDOW_S = 30.0
MAX_KEYS = 4096


class Brake:
    """At most `BURST` requests in `WINDOW_S` seconds for each key. Safe for threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: OrderedDict[Hashable, list[float]] = OrderedDict()

    def pass_or_raise(self, key: Hashable) -> None:
        """Raises BrokerBusy for one request too many."""
        now = self._clock()
        with self._lock:
            asked = [at for at in self._asked.pop(key, []) if now < at + WINDOW_S]
            self._asked[key] = asked
            if len(asked) >= BURST:
                raise BrokerBusy("this token was asked for several times a moment ago")
            asked.append(now)
            if len(self._asked) > MAX_KEYS:
                self._asked.popitem(last=False)

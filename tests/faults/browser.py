"""A customer's admin at the pages, and how long they had to wait."""

import time
from collections.abc import Callable

import httpx2

from tests.faults.customer import Customer
from tests.faults.fleet import Fleet

#: The answer when what was sent was taken in.
TAKEN = 302
#: The answer of a page that got no turn at the database: nothing was taken, send it once more.
BUSY = 503
MOST_TRIES = 5
_PATIENCE_S = 60.0


class Browser:
    """Has come in by the customer's setup link."""

    def __init__(self, fleet: Fleet, customer: Customer) -> None:
        self._customer = customer
        self._http = httpx2.Client(base_url=fleet.url, timeout=_PATIENCE_S, trust_env=False)
        entered = self._http.get(f"/connect/enter/{customer.link_token}/")
        self._home = entered.headers["location"]
        self._http.get(f"{self._home}connect/")

    def close(self) -> None:
        self._http.close()

    def get(self, path: str) -> int:
        """The status of any page."""
        return self._http.get(path).status_code

    def look(self) -> tuple[int, float]:
        """The page of this customer: its status, and the seconds it took."""
        return self._timed(lambda: self._http.get(self._home))

    def submit(self) -> tuple[int, float]:
        """Send the three values; `TAKEN` when they were."""
        values = {
            "okta_domain": self._customer.host,
            "client_id": self._customer.org["client_id"],
            "client_secret": self._customer.do("describe")["client_secret"],
            "csrfmiddlewaretoken": self._http.cookies["csrftoken"],
        }
        return self._timed(lambda: self._http.post(f"{self._home}connect/", data=values))

    def submit_patiently(self) -> int:
        """Send what was not taken, as the page says, until the database has a turn for it."""
        status = BUSY
        for _ in range(MOST_TRIES):
            status, _ = self.submit()
            if status != BUSY:
                break
        return status

    def _timed(self, ask: Callable[[], httpx2.Response]) -> tuple[int, float]:
        """Status 0 where no answer came."""
        began = time.monotonic()
        try:
            status = ask().status_code
        except httpx2.TransportError:
            status = 0
        return status, time.monotonic() - began

"""The tour, told story by story in one org."""

from contextlib import closing

from tenants.okta.operations import OPERATIONS
from tenants.sandbox.server import Sandbox
from tests.conformance.guide import Guide, Visit
from tests.conformance.tour import STORIES
from tests.sandbox.caller import Caller

_ENOUGH = 100_000


class Tour:
    """One org, and the stories told in it so far, each told once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._org = sandbox.add_org("tour.okta.com", apps=45)
        self._org.grant(*{one.scope for one in OPERATIONS.values() if one.scope})
        self._org.rate_limits.update(dict.fromkeys(self._org.rate_limits, _ENOUGH))
        self._told: dict[str, list[Visit]] = {}

    def tell(self, story: str) -> list[Visit]:
        if story not in self._told:
            with closing(Caller(self._sandbox, self._org.host)) as caller:
                guide = Guide(caller.sign_in(self._org), self._org)
                # Also of a story that breaks off, which would not be the same a second time.
                self._told[story] = guide.visits
                STORIES[story](guide)
        return self._told[story]

    def all_visits(self) -> list[Visit]:
        return [visit for story in STORIES for visit in self.tell(story)]

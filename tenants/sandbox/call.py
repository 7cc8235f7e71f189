"""One request that passed the door: what a handler works with."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenants.okta.operations import Operation
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, okta_error
from tenants.sandbox.requests import Request
from tenants.sandbox.store import Body, encode


@dataclass(frozen=True)
class Call:
    """``ids`` are those in the path, outermost first, percent-decoded."""

    org: Org
    request: Request
    operation: Operation
    ids: tuple[str, ...]

    @property
    def query(self) -> dict[str, str]:
        return self.request.query

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            Refusal: 400 for an empty body or one that is not JSON.
        """
        try:
            value = json.loads(self.request.body)
            encode(value)  # what Okta could not send back, such as NaN, it does not take either
            return value
        except (ValueError, RecursionError):
            raise okta_error(400, "E0000003", "The request body was not well-formed.") from None

    def json_object(self, *, optional: bool = False) -> Body:
        """The body as a JSON object; {} for no body where it is ``optional``.

        Raises:
            Refusal: 400 for anything else.
        """
        if optional and not self.request.body:
            return {}
        body = self.json()
        if not isinstance(body, dict):
            raise okta_error(400, "E0000003", "The request body was not well-formed.")
        return body


#: Answers a request that may be answered; raises Refusal where the org says no.
Handler = Callable[[Call], Reply]

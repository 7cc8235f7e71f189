"""How a row of the catalogue is written: what a verb implies is left out."""

from dataclasses import dataclass
from typing import TypedDict, Unpack

from tenants.okta.operations.media import JSON, NOTHING
from tenants.okta.operations.operation import Effect, Operation, Paging
from tenants.okta.operations.rules import bucket_of, effect_of, is_repeatable


class Stated(TypedDict, total=False):
    """What a row may say that does not follow from its verb and path; see `Operation`."""

    effect: Effect
    page_limit: int
    id_field: str
    paging: Paging
    required: tuple[str, ...]
    body: tuple[str, ...]
    answers: tuple[str, ...]
    old_name: str
    repeatable: bool
    creates_secret: bool
    envelope: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """Operations below one path that share a pair of scopes, ``{scope}.read`` and ``.manage``.

    JSON goes out with POST, PUT and PATCH, and comes back from all but DELETE and `act`, unless
    a row states otherwise.
    """

    path: str
    scope: str = ""

    def listing(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        paging = Paging.CURSOR if "page_limit" in stated else Paging.WHOLE
        return self._declare("GET", name, path, {"answers": JSON, "paging": paging, **stated})

    def get(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        return self._declare("GET", name, path, {"answers": JSON, **stated})

    def post(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        return self._declare("POST", name, path, {"body": JSON, "answers": JSON, **stated})

    def act(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        """A POST with an empty body whose answer is empty too."""
        return self._declare("POST", name, path, {"answers": NOTHING, **stated})

    def put(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        return self._declare("PUT", name, path, {"body": JSON, "answers": JSON, **stated})

    def patch(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        return self._declare("PATCH", name, path, {"body": JSON, "answers": JSON, **stated})

    def delete(self, name: str, path: str = "", **stated: Unpack[Stated]) -> Operation:
        return self._declare("DELETE", name, path, stated)

    def _declare(self, method: str, name: str, path: str, stated: Stated) -> Operation:
        whole = self.path + path
        effect = stated.get("effect", effect_of(method, whole))
        told: Stated = {"repeatable": is_repeatable(effect), **stated, "effect": effect}
        return Operation(name, method, whole, self._scope(method), bucket=bucket_of(whole), **told)

    def _scope(self, method: str) -> str:
        if not self.scope:
            return ""
        return f"{self.scope}.{'read' if method == 'GET' else 'manage'}"

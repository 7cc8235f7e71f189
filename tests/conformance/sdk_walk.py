"""What somebody does who has Okta's own Python SDK. Run as a program, in a process of its own.

Standard input holds one JSON object: either ``org_url``, ``address``, ``ca_bundle``, ``token`` and
``limits``, for which the ids of all apps and all authorization servers are printed; or ``bodies``
of apps, for which is printed how many of them the SDK's models refuse.
"""

import asyncio
import json
import socket
import ssl
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from okta.client import Client
from okta.models import Application
from okta.pagination import PaginationHelper
from pydantic import ValidationError


class _Loopback(AbstractResolver):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        at = ResolveResult(
            hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [at]

    async def close(self) -> None:
        pass


async def walk(job: dict[str, Any]) -> dict[str, list[str]]:
    """Ids of all objects, in the order in which the SDK tells them."""
    tls = ssl.create_default_context(cafile=job["ca_bundle"])
    connector = aiohttp.TCPConnector(resolver=_Loopback(), ssl=tls)
    async with aiohttp.ClientSession(connector=connector) as session:
        # The SDK joins mode and token without the space that belongs between them (3.4.6).
        config = {
            "orgUrl": job["org_url"],
            "authorizationMode": "Bearer",
            "token": f" {job['token']}",
        }
        client = Client(config)
        client.get_request_executor().set_session(session)
        limits = job["limits"]
        return {
            "apps": await _all(client.list_applications, limits["apps"]),
            "servers": await _all(client.list_authorization_servers, limits["servers"]),
        }


async def _all(list_page: Callable[..., Any], limit: int) -> list[str]:
    ids: list[str] = []
    after: str | None = None
    while True:
        items, response, error = await list_page(limit=limit, after=after)
        if error:
            raise SystemExit(str(error))
        ids += [item.id for item in items]
        after = PaginationHelper.extract_next_cursor(response.headers)
        if after is None:
            return ids


def refused(bodies: list[dict[str, Any]]) -> int:
    return sum(not _is_accepted(body) for body in bodies)


def _is_accepted(body: dict[str, Any]) -> bool:
    try:
        Application.from_dict(body)
    except (ValidationError, ValueError):
        return False
    return True


if __name__ == "__main__":
    job = json.load(sys.stdin)
    answer = refused(job["bodies"]) if "bodies" in job else asyncio.run(walk(job))
    json.dump(answer, sys.stdout)

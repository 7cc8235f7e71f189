"""What somebody does who has curl and a token: follow ``Link: rel="next"`` until there is none."""

import json
import re
import subprocess
from urllib.parse import urlsplit

_NEXT = re.compile(r'^link: <([^>]+)>; rel="next"\r?$', re.IGNORECASE | re.MULTILINE)
_MAX_PAGES = 50


def curl_ids(url: str, *, token: str, ca_bundle: str) -> list[str]:
    """Ids of all objects of a listing; connects to the loopback interface whatever the host."""
    ids: list[str] = []
    following: str | None = url
    for _ in range(_MAX_PAGES):
        if following is None:
            return ids
        head, body = _fetch(following, token, ca_bundle)
        ids += [item["id"] for item in json.loads(body)]
        found = _NEXT.search(head)
        following = found[1] if found else None
    raise AssertionError("the listing does not end")


def _fetch(url: str, token: str, ca_bundle: str) -> tuple[str, bytes]:
    """Header lines and body. What curl is told stands in its standard input, as a token must not
    stand among the arguments of a process."""
    where = urlsplit(url)
    told = {
        "url": url,
        "cacert": ca_bundle,
        "resolve": f"{where.hostname}:{where.port}:127.0.0.1",
        "header": f"authorization: Bearer {token}",
    }
    config = "".join(f'{name} = "{value}"\n' for name, value in told.items())
    command = ["curl", "--config", "-", "--fail", "--include", "--silent", "--show-error"]
    command += ["--noproxy", "*"]
    done = subprocess.run(
        command, input=config.encode(), capture_output=True, check=True, timeout=20
    )
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return head.decode(), body

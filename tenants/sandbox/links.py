"""Links as Okta writes them into objects: where to, and by which methods."""

from typing import Any

Link = dict[str, Any]


def link(href: str, *methods: str) -> Link:
    return {"href": href, "hints": {"allow": list(methods)}}


def credential_links(href: str, status: str) -> Link:
    """Of a secret or a public key: its status once more, and only what is INACTIVE may go."""
    if status == "ACTIVE":
        return {"deactivate": link(f"{href}/lifecycle/deactivate", "POST")}
    return {
        "activate": link(f"{href}/lifecycle/activate", "POST"),
        "delete": link(href, "DELETE"),
    }

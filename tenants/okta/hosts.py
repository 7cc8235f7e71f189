"""What people may paste as their Okta domain, and the one host we make of it.

Everything that is not plainly ``<org>.<Okta suffix>`` is refused, because the host decides where a
client secret is sent. The result is stored; later code never parses what was typed.
"""

import re
from dataclasses import dataclass

DEFAULT_SUFFIXES = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")

MAX_LENGTH = 269  # a DNS name of 253, its scheme, a port and a slash

#: Hosts below the suffixes that belong to Okta itself, never to a customer.
RESERVED = frozenset(
    {"www", "login", "developer", "help", "support", "status", "trust", "admin", "system", "api"}
)

ADMIN_ENDING = "-admin"

# What copying from a page or a chat leaves at either end: blanks, zero-width and direction marks.
_PASTE_DUST = " \t\r\n\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_SCHEMES = re.compile(r"(?:https?://)+", re.IGNORECASE | re.ASCII)
_ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
_E_MAIL = re.compile(r"[^@/:\s]+@[^@/:\s]+")
_HOST_CHARACTERS = re.compile(r"[A-Za-z0-9.-]+")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")


class HostError(ValueError):
    """The text names no org we may talk to; ``str()`` is a sentence for the person at the form."""


@dataclass(frozen=True)
class UnderstoodHost:
    """``host`` is lower-case without scheme, port or path; ``note`` says what we changed, or ''."""

    host: str
    note: str


def understand_host(text: str, suffixes: tuple[str, ...] = DEFAULT_SUFFIXES) -> UnderstoodHost:
    """Turn a pasted domain or address into the org's host.

    An Admin Console address (``acme-admin.okta.com``) becomes the org's own, since Okta answers
    API calls there with a redirect; ``note`` tells the person so.

    Raises:
        HostError: with one sentence that says what is wrong and what to paste instead.
    """
    host = _host_part(text, suffixes)
    suffix = _suffix_of(host, suffixes)
    org = host[: -len(suffix) - 1]
    plain = org
    while plain.endswith(ADMIN_ENDING):
        plain = plain.removesuffix(ADMIN_ENDING)
    _refuse_bad_org(plain, suffix)
    if plain == org:
        return UnderstoodHost(host, "")
    understood = f"{plain}.{suffix}"
    return UnderstoodHost(
        understood, f"{host} is the Admin Console; your org's own address is {understood}."
    )


def is_org_host(host: str, suffixes: tuple[str, ...]) -> bool:
    """Whether ``host`` is exactly what `understand_host` would store."""
    try:
        return understand_host(host, suffixes) == UnderstoodHost(host, "")
    except HostError:
        return False


def _host_part(text: str, suffixes: tuple[str, ...]) -> str:
    """The lower-case host of the pasted text, its characters checked."""
    pasted = text.strip(_PASTE_DUST)
    _refuse_bad_text(pasted, suffixes)
    address = _SCHEMES.sub("", pasted, count=1) if _SCHEMES.match(pasted) else pasted
    if _ANY_SCHEME.match(address):
        raise HostError("Only an https:// address or a bare domain can be used.")
    authority = re.split(r"[/?#]", address, maxsplit=1)[0]
    if "@" in authority:
        raise HostError("Leave out the user name and password in front of the @ sign.")
    name = _without_port(authority)
    _refuse_bad_characters(name)  # before lower(), which turns the Kelvin sign into a k
    host = name.lower().removesuffix(".")
    _refuse_bad_name(host, suffixes)
    return host


def _refuse_bad_text(pasted: str, suffixes: tuple[str, ...]) -> None:
    if not pasted:
        raise HostError(f"Enter your Okta domain, for example acme.{suffixes[0]}.")
    if len(pasted) > MAX_LENGTH:
        raise HostError(f"This is too long for an Okta domain (at most {MAX_LENGTH} characters).")
    if re.search(r"[{}<>$]", pasted):
        raise HostError("This is a placeholder from a guide. Enter your own Okta domain instead.")
    if not pasted.isprintable():
        raise HostError("There is an invisible character in this address. Type it by hand instead.")
    if _E_MAIL.fullmatch(pasted):
        raise HostError("This looks like an e-mail address. Enter your Okta domain instead.")


def _without_port(authority: str) -> str:
    if authority.startswith("[") or authority.count(":") > 1:
        raise HostError("An IP address cannot be used. Enter the domain name of your Okta org.")
    host, _, port = authority.partition(":")
    if port not in ("", "443"):
        raise HostError("Leave out the port number. Okta orgs are reached at the standard port.")
    return host


def _refuse_bad_characters(name: str) -> None:
    if not _HOST_CHARACTERS.fullmatch(name):
        raise HostError(
            "An Okta domain has only the letters a to z, digits, hyphens and dots. "
            "Check the address for other characters."
        )


def _refuse_bad_name(host: str, suffixes: tuple[str, ...]) -> None:
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        raise HostError("An IP address cannot be used. Enter the domain name of your Okta org.")
    if len(labels) == 1:
        raise HostError(f"Enter the whole domain, for example acme.{suffixes[0]}.")


def _suffix_of(host: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        if host == suffix:
            raise HostError(f"The name of your org is missing. Enter it as in acme.{suffix}.")
        if host.endswith(f".{suffix}"):
            return suffix
    if host.endswith(".com.com"):
        raise HostError("The ending .com is there twice. Remove one of the two.")
    raise HostError(
        f"This is not an address of an Okta org. Enter the one that ends in {_listed(suffixes)}; "
        "if your people sign in at a domain of your own, look up the Okta one in the menu under "
        "your name in the Admin Console."
    )


def _refuse_bad_org(org: str, suffix: str) -> None:
    if "." in org:
        raise HostError(f"There must be exactly one name in front of .{suffix}.")
    if not _LABEL.fullmatch(org) or org[2:4] == "--":
        raise HostError(f"The name in front of .{suffix} is not one that Okta gives to an org.")
    if org in RESERVED:
        raise HostError(f"{org}.{suffix} belongs to Okta itself. Enter the domain of your org.")


def _listed(suffixes: tuple[str, ...]) -> str:
    *first, last = suffixes
    return f"{', '.join(first)} or {last}" if first else last

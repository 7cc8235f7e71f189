"""Which network addresses an org may have: public ones, and no disguise of a private one."""

import ipaddress

#: Ranges that carry another address inside, or lead to a relay; a private target could hide there.
_DISGUISES = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "::/96",  # IPv4-compatible, RFC 4291 §2.5.5.1
        "::ffff:0:0/96",  # IPv4-mapped
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # local NAT64, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
        "fec0::/10",  # site-local, RFC 3879
    )
)


def is_public(address: str) -> bool:
    """Whether ``address`` (numeric, v4 or v6) may be connected to."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not parsed.is_global or parsed.is_multicast or parsed.is_reserved:
        return False
    return not any(parsed in network for network in _DISGUISES if network.version == parsed.version)

import pytest

from tenants.okta.addresses import is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "99.83.200.1", "2606:4700::1111"])
def test_public_addresses_may_be_connected_to(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - as an answer of DNS, not to bind to
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "::8.8.8.8",
        "::ffff:8.8.8.8",
        "::ffff:10.0.0.1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "2001:0:1234::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "acme.okta.com",
        "",
    ],
)
def test_private_and_disguised_addresses_may_not(address):
    assert not is_public(address)

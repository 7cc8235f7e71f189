import itertools
import ssl
import threading
import time

import pytest
import trustme

from tenants.okta.dialling import MAX_ADDRESSES
from tenants.okta.egress import open_org
from tenants.okta.errors import EgressRefused, OktaError, OktaProtocolError, OktaUnavailable
from tests.okta.loopback import LoopbackOrg, answer, raw

HOST = "acme.okta.com"


def get(policy, target="/api/v1/apps", host=HOST, **options):
    with open_org(host, policy) as http:
        return http.send("GET", target, **options)


def test_an_answer_keeps_its_status_body_and_repeated_headers(serve, policy):
    org = serve(
        answer(b'{"id":"1"}', "Link: <a>", "Link: <b>", "X-Odd:  yes ", status="201 Created")
    )

    got = get(policy(org))

    assert (got.status, got.body, got.media_type) == (201, b'{"id":"1"}', "application/json")
    assert got.header_all("link") == ("<a>", "<b>")
    assert got.header("x-odd") == "yes"
    assert got.header("x-missing") is None


def test_a_request_says_who_we_are_and_asks_for_plain_encoding(serve, policy):
    org = serve(answer())

    get(policy(org), "/api/v1/apps?limit=200&after=PGE%3D", headers={"authorization": "Bearer t"})

    lines = org.requests[0].lower().split(b"\r\n")
    assert lines[0] == b"get /api/v1/apps?limit=200&after=pge%3d http/1.1"
    assert b"host: acme.okta.com" in lines
    assert b"user-agent: hub-tests/1" in lines
    assert b"accept-encoding: identity" in lines
    assert b"authorization: bearer t" in lines
    assert not any(line.startswith(b"cookie") for line in lines)


def test_a_write_without_a_body_says_that_it_has_none(serve, policy):
    org = serve(answer())

    with open_org(HOST, policy(org)) as http:
        http.send("POST", "/api/v1/apps/0oa1/lifecycle/activate")

    assert b"content-length: 0" in org.requests[0].lower()


def test_several_requests_share_one_connection_and_no_cookies(serve, policy):
    org = serve(answer(b"{}", "Set-Cookie: sid=1; Path=/"))

    with open_org(HOST, policy(org)) as http:
        for _ in range(3):
            http.send("GET", "/")

    assert (http.requests, len(org.requests), org.connections) == (3, 3, 1)
    assert not any(b"sid=1" in request for request in org.requests)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_handed_back_and_not_followed(serve, policy, status):
    org = serve(answer(b"<html>", "Location: https://acme.okta.com/elsewhere", status=status))

    got = get(policy(org))

    assert (got.status, got.body) == (int(status[:3]), b"")
    assert len(org.requests) == 1


@pytest.mark.parametrize(
    "host", ["evil.org", "127.0.0.1", "acme.okta.com.evil.org", "www.okta.com"]
)
def test_a_host_outside_the_suffixes_is_never_dialled(policy, host):
    with pytest.raises(EgressRefused):
        open_org(host, policy())


@pytest.mark.parametrize(
    "target", ["", "api", "https://evil.org/", "/a b", "/a\r\nX: y", "/é", "/" * 70_000]
)
def test_a_target_that_is_no_path_is_never_sent(serve, policy, target):
    org = serve(answer())

    with pytest.raises(EgressRefused):
        get(policy(org), target)

    assert not org.requests


def test_a_header_that_could_split_the_request_is_refused_without_being_quoted(serve, policy):
    org = serve(answer())

    with pytest.raises(EgressRefused) as refused:
        get(policy(org), headers={"authorization": "Bearer s3cret\r\nX: y"})

    assert "s3cret" not in repr(refused.value)
    assert not org.requests


def test_a_certificate_for_another_name_is_refused(serve, policy):
    org = serve(answer(), name="other.okta.com")

    with pytest.raises(OktaUnavailable, match="certificate"):
        get(policy(org))

    assert not org.requests


def test_a_certificate_from_an_unknown_authority_is_refused(serve, policy):
    org = serve(answer(), authority=trustme.CA())

    with pytest.raises(OktaUnavailable, match="certificate"):
        get(policy(org))

    assert not org.requests


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_tls_below_1_2_is_refused(serve, policy):
    org = serve(answer(), newest_tls=ssl.TLSVersion.TLSv1_1)

    with pytest.raises(OktaUnavailable):
        get(policy(org))

    assert not org.requests


def test_proxies_of_the_environment_are_ignored(serve, policy, monkeypatch):
    org = serve(answer())
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert get(policy(org)).status == 200


def drip(head, piece):
    def play(_, connection):
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(piece)
            time.sleep(0.05)

    return play


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"), id="header"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"a"), id="body"),
        pytest.param(drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), id="endless early hints"),
        pytest.param(lambda _, connection: time.sleep(0.6), id="silence"),
    ],
)
def test_an_answer_that_drips_ends_at_the_deadline(serve, policy, script):
    org = serve(script)
    started = time.monotonic()

    with pytest.raises(OktaUnavailable):
        get(policy(org), deadline_s=0.3)

    assert time.monotonic() - started < 1


def test_the_deadline_of_the_policy_holds_when_none_is_given(serve, policy):
    org = serve(lambda _, connection: time.sleep(0.5))

    with pytest.raises(OktaUnavailable):
        get(policy(org, total_s=0.2))


def test_a_connection_is_good_again_after_a_lost_exchange(serve, policy):
    scripts = [lambda _, connection: time.sleep(0.4), answer()]
    org = serve(lambda request, connection: scripts.pop(0)(request, connection))

    with open_org(HOST, policy(org)) as http:
        with pytest.raises(OktaUnavailable):
            http.send("GET", "/", deadline_s=0.2)
        assert http.send("GET", "/").status == 200


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(answer(b"x" * 2000), id="announced"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\naaaaa\r\n" * 400),
            id="chunked",
        ),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000), id="unannounced"),
        pytest.param(answer(b"{}", f"X-Long: {'x' * 2000}"), id="headers"),
    ],
)
def test_an_answer_over_the_size_limit_is_cut_off(serve, policy, script):
    org = serve(script)

    with pytest.raises(EgressRefused, match="too large"):
        get(policy(org, max_body=1000, max_header_bytes=1000))


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.2\r\n"), id="another protocol"),
        pytest.param(raw(b""), id="nothing"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"), id="broken off"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000), id="endless header"),
        pytest.param(answer(b"\x1f\x8b", "Content-Encoding: gzip"), id="compressed"),
    ],
)
def test_what_is_not_a_plain_complete_answer_is_a_protocol_error(serve, policy, script):
    org = serve(script)

    with pytest.raises(OktaProtocolError) as error:
        get(policy(org))

    assert error.value.retryable


def test_a_refused_connection_is_unavailable(authority, policy):
    with LoopbackOrg(authority, answer()) as gone:
        address = gone.address

    with pytest.raises(OktaUnavailable):
        get(policy(dial={"okta.com": address}))


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["8.8.8.8", "10.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::a00:1"],
        ["fe80::1%eth0"],
        ["not an address"],
    ],
)
def test_one_address_that_is_not_public_spoils_them_all(policy, dialled, addresses):
    with (
        open_org(HOST, policy(), resolver=lambda host: addresses) as http,
        pytest.raises(EgressRefused),
    ):
        http.send("GET", "/")

    assert not dialled


@pytest.fixture
def dialled(monkeypatch):
    """The addresses that are dialled; every one of them refuses."""
    tried = []

    def create_connection(address, *args, **kwargs):
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", create_connection)
    return tried


def test_the_name_is_looked_up_once_and_its_addresses_tried_in_order(policy, dialled):
    asked = []

    def resolver(host):
        asked.append(host)
        return [f"8.8.8.{number}" for number in range(1, 9)]

    with open_org(HOST, policy(), resolver=resolver) as http, pytest.raises(OktaUnavailable):
        http.send("GET", "/")

    assert asked == [HOST]
    assert dialled == [(f"8.8.8.{number}", 443) for number in range(1, MAX_ADDRESSES + 1)]


def test_a_name_that_does_not_resolve_is_unavailable(policy):
    def resolver(host):
        raise OSError("no such name")

    with open_org(HOST, policy(), resolver=resolver) as http, pytest.raises(OktaUnavailable):
        http.send("GET", "/")


def test_a_lookup_that_hangs_ends_with_the_time_to_connect(policy, dialled):
    answered = threading.Event()

    def resolver(host):
        answered.wait(10)
        return ["8.8.8.8"]

    started = time.monotonic()
    with (
        open_org(HOST, policy(connect_s=0.2), resolver=resolver) as http,
        pytest.raises(OktaUnavailable, match="lookup") as late,
    ):
        http.send("GET", "/")

    answered.set()
    assert time.monotonic() - started < 1
    assert not late.value.sent
    assert not dialled


def test_a_mistake_of_the_resolver_is_not_taken_for_a_slow_one(policy, dialled):
    def resolver(host):
        raise ZeroDivisionError

    with open_org(HOST, policy(), resolver=resolver) as http, pytest.raises(ZeroDivisionError):
        http.send("GET", "/")


def test_an_error_tells_whether_the_request_had_left(serve, policy):
    silent = serve(lambda _, connection: connection.close())

    with open_org(HOST, policy(silent)) as http, pytest.raises(OktaError) as after:
        http.send("POST", "/api/v1/apps", body=b"{}")
    with (
        open_org(HOST, policy(dial={"okta.com": ("127.0.0.1", 1)})) as http,
        pytest.raises(OktaUnavailable) as before,
    ):
        http.send("POST", "/api/v1/apps", body=b"{}")

    assert after.value.sent
    assert not before.value.sent


def test_a_slow_exchange_may_take_longer_than_another(serve, policy):
    def dawdle(_, connection):
        time.sleep(0.4)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    times = {"read_s": 0.2, "total_s": 0.2, "slow_read_s": 2, "slow_total_s": 2}
    with open_org(HOST, policy(serve(dawdle), **times)) as http:
        assert http.send("PUT", "/x", slow=True).status == 204
    with (
        open_org(HOST, policy(serve(dawdle), **times)) as http,
        pytest.raises(OktaUnavailable),
    ):
        http.send("GET", "/x")


def test_the_dial_map_reaches_only_the_suffix_it_names(policy, dialled):
    dial = {"acme.okta.com": ("127.0.0.1", 8443)}
    for host in ("acme.okta.com", "notacme.okta.com"):
        with (
            open_org(host, policy(dial=dial), resolver=lambda host: ["8.8.8.8"]) as http,
            pytest.raises(OktaUnavailable),
        ):
            http.send("GET", "/")

    assert dialled == [("127.0.0.1", 8443), ("8.8.8.8", 443)]


@pytest.mark.parametrize("later", [b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"evil"', b"}"])
def test_what_came_beyond_an_answer_is_never_taken_for_the_next_one(serve, policy, later):
    count = itertools.count(1)

    def chatter(_, connection):
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % next(count)
        connection.sendall(whole + later)

    with open_org(HOST, policy(serve(chatter))) as http:
        bodies = [http.send("GET", "/").body for _ in range(3)]

    assert bodies == [b"1", b"2", b"3"]


def test_an_answer_that_is_given_up_halfway_is_named_by_its_request_id(serve, policy):
    org = serve(answer(b"x" * 2000, "X-Okta-Request-Id: abc123"))

    with pytest.raises(EgressRefused) as huge:
        get(policy(org, max_body=1000))

    assert huge.value.request_id == "abc123"

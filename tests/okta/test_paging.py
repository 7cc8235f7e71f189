import pytest

from tenants.okta.answers import BadJson
from tenants.okta.client import OktaClient
from tenants.okta.errors import EgressRefused, OktaCursorError, OktaProtocolError, OktaRequestError
from tenants.okta.operations import (
    LIST_APPS,
    LIST_AS_KEYS,
    LIST_AS_POLICIES,
    OPERATIONS,
    scopes_of,
)
from tests.okta.fakes import HOST, FakeTokens, ScriptedOrg, refusal, reply

APPS = f"https://{HOST}/api/v1/apps"
SERVER = {"authServerId": "aus1"}
SCOPES = scopes_of([LIST_APPS, LIST_AS_KEYS])


def client_of(org):
    return OktaClient(org, FakeTokens(), SCOPES, sleep=lambda seconds: None)


def walk(*script, operation=LIST_APPS, **options):
    org = ScriptedOrg(*script)
    pages = list(client_of(org).pages(operation, **options))
    return pages, [sent.target for sent in org.sent]


def items(*ids):
    return [{"id": each} for each in ids]


def linked(ids, *links):
    return reply(items(*ids), link=list(links))


def next_link(query, url=APPS):
    return f'<{url}?{query}>; rel="next"'


def test_a_listing_is_walked_to_its_end_by_its_links():
    pages, targets = walk(
        linked(["a", "b"], f'<{APPS}?limit=200>; rel="self"', next_link("after=b&limit=200")),
        linked(["c"], f'<{APPS}?after=b&limit=200>; rel="self"'),
    )

    assert [item.okta_id for page in pages for item in page.items] == ["a", "b", "c"]
    assert [page.next for page in pages] == ["/api/v1/apps?after=b&limit=200", None]
    assert targets == ["/api/v1/apps?limit=200", "/api/v1/apps?after=b&limit=200"]


@pytest.mark.parametrize(
    "link",
    [
        f'<{APPS}?limit=200>; rel="self", {next_link("after=a%2Cb,c;d&limit=200")}',
        f"<{APPS}?after=a%2Cb,c;d&limit=200>;rel=next",
        f'<{APPS}?after=a%2Cb,c;d&limit=200>; title="a, <b>"; REL="last next"',
        '</api/v1/apps?after=a%2Cb,c;d&limit=200>; rel="next"',
        f'<https://{HOST}:443/api/v1/apps?after=a%2Cb,c;d&limit=200>; rel="next"',
        f'<https://{HOST.upper()}/api/v1/apps?after=a%2Cb,c;d&limit=200>; rel="next"',
        '<https://acme-admin.okta.com/api/v1/apps?after=a%2Cb,c;d&limit=200>; rel="next"',
    ],
    ids=["joined", "bare", "titled", "relative", "with port", "upper case", "admin console"],
)
def test_the_next_link_is_found_in_any_form_and_its_cursor_left_as_it_is(link):
    pages, targets = walk(linked(["a"], link), linked(["b"]))

    assert pages[0].next == targets[1] == "/api/v1/apps?after=a%2Cb,c;d&limit=200"


@pytest.mark.parametrize(
    "link",
    [
        "",
        "garbage",
        f'<{APPS}?after=a>; rel="previous"',
        f'<{APPS}?after=a>; rel="nextish"',
        f"<{APPS}?after=a>",
        next_link("after=a", f"https://{HOST}/api/v1/users"),
        next_link("after=a", f"https://{HOST}/api/v1/apps/0oa1"),
        next_link("after=a", f"https://{HOST}/api/v1/apps/../users"),
    ],
)
def test_a_list_ends_where_no_link_stays_in_it(link):
    pages, targets = walk(linked(["a"], link))

    assert [page.next for page in pages] == [None]
    assert len(targets) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.org/api/v1/apps",
        "https://acme.okta.com.evil.org/api/v1/apps",
        "https://acme.okta.com@evil.org/api/v1/apps",
        "https://user@acme.okta.com/api/v1/apps",
        "//evil.org/api/v1/apps",
        "http://acme.okta.com/api/v1/apps",
        "https://acme.okta.com:8443/api/v1/apps",
        "https://other.okta.com/api/v1/apps",
    ],
)
def test_a_link_to_elsewhere_ends_the_walk_with_an_error_not_as_a_complete_list(url):
    org = ScriptedOrg(linked(["a"], next_link("after=a", url)))

    with pytest.raises(EgressRefused):
        list(client_of(org).pages(LIST_APPS))

    assert len(org.sent) == 1


@pytest.mark.parametrize("url", ["https://[::1/api/v1/apps", "https://acme.okta.com:x/api/v1/apps"])
def test_a_link_that_is_no_url_is_a_protocol_error(url):
    with pytest.raises(OktaProtocolError):
        walk(linked(["a"], next_link("after=a", url)))


@pytest.mark.parametrize("cursor", ["a\u00e9 b", "a" * 70_000], ids=["characters", "length"])
def test_a_cursor_that_no_url_has_is_a_protocol_error(cursor):
    with pytest.raises(OktaProtocolError):
        walk(linked(["a"], next_link(f"after={cursor}")))


def test_a_cursor_that_does_not_move_is_a_protocol_error():
    with pytest.raises(OktaProtocolError, match="does not move"):
        walk(
            linked(["a"], next_link("after=a&limit=200")),
            linked(["b"], next_link("limit=200&after=a")),
        )


def test_a_cursor_back_to_the_start_is_a_protocol_error():
    with pytest.raises(OktaProtocolError, match="does not move"):
        walk(linked(["a"], next_link("limit=200")))


def test_what_the_link_lost_of_ours_is_added_again():
    _, targets = walk(
        linked(["a"], next_link("after=a")), linked(["b"]), query={"expand": "user/1", "q": "x"}
    )

    assert targets == [
        "/api/v1/apps?limit=200&expand=user%2F1&q=x",
        "/api/v1/apps?after=a&limit=200&expand=user%2F1",
    ]


def test_our_own_limit_wins_over_the_largest():
    _, targets = walk(linked(["a"]), query={"limit": "1"})

    assert targets == ["/api/v1/apps?limit=1"]


def test_a_list_without_a_limit_is_asked_for_as_it_is():
    _, targets = walk(linked(["a"]), operation=LIST_AS_POLICIES, path=SERVER)

    assert targets == ["/api/v1/authorizationServers/aus1/policies"]


def test_odd_items_are_set_apart_as_they_came_and_cost_nothing_else():
    body = [{"id": "a"}, None, "b", {}, {"id": 7}, {"id": ""}, {"id": "../x"}, {"id": "c"}]

    pages, _ = walk(reply(body))

    assert [item.okta_id for item in pages[0].items] == ["a", "c"]
    assert [odd.raw for odd in pages[0].odd[:2]] == [b"null", b'"b"']
    assert [str(odd) for odd in pages[0].odd] == [
        "item 2 is not an object",
        "item 3 is not an object",
        "item 4 has no id",
        "item 5 has no id",
        "item 6 has no id",
        "item 7 has an id that cannot be asked for",
    ]


def test_keys_are_known_by_their_kid():
    pages, _ = walk(reply([{"kid": "-aB_1"}]), operation=LIST_AS_KEYS, path=SERVER)

    assert [item.okta_id for item in pages[0].items] == ["-aB_1"]


def test_an_item_that_moved_to_the_next_page_is_seen_once():
    pages, _ = walk(linked(["a", "b"], next_link("after=b")), linked(["b", "c", "c"]))

    assert [[item.okta_id for item in page.items] for page in pages] == [["a", "b"], ["c"]]
    assert not any(page.odd for page in pages)


def test_secrets_in_items_are_dropped():
    pages, _ = walk(reply([{"id": "a", "credentials": {"oauthClient": {"client_secret": "s"}}}]))

    item = pages[0].items[0]
    assert item.body() == {"id": "a", "credentials": {"oauthClient": {}}}
    assert "client_secret" not in repr(pages)


def test_an_empty_page_may_have_a_next():
    pages, _ = walk(linked([], next_link("after=a")), linked(["b"]))

    assert [len(page.items) for page in pages] == [0, 1]


@pytest.mark.parametrize(
    "body",
    [{}, {"items": []}, None, "x", [{}] * 10_001, [{"a": [1] * 300_000}]],
    ids=["object", "wrapped", "nothing", "text", "too long", "too many members"],
)
def test_what_is_no_list_of_sensible_length_is_a_protocol_error(body):
    with pytest.raises(OktaProtocolError):
        walk(*[reply(body)] * 3)


def test_a_walk_goes_on_where_an_earlier_one_stopped():
    pages, targets = walk(linked(["c"]), start="/api/v1/apps?after=b&limit=200")

    assert targets == ["/api/v1/apps?after=b&limit=200"]
    assert [item.okta_id for item in pages[0].items] == ["c"]


@pytest.mark.parametrize(
    "start",
    [
        "/api/v1/users?after=b",
        "//evil.org/api/v1/apps?after=b",
        "https://evil.org/api/v1/apps?after=b",
        "/api/v1/apps?after=b\r\nX: y",
        "//[/api/v1/apps",
    ],
)
def test_a_stored_cursor_of_another_list_is_refused_unsent(start):
    org = ScriptedOrg()

    with pytest.raises(OktaCursorError):
        client_of(org).pages(LIST_APPS, start=start)

    assert not org.sent


@pytest.mark.parametrize("code", ["E0000029", "E0000031"])
def test_a_cursor_that_okta_has_forgotten_says_so(code):
    with pytest.raises(OktaCursorError) as refused:
        walk(refusal(400, code), start="/api/v1/apps?after=b")

    assert refused.value.code == "cursor_refused"


def test_a_cursor_refused_on_the_way_starts_the_walk_over_and_tells_nothing_twice():
    pages, targets = walk(
        linked(["a", "b"], next_link("after=b&limit=200")),
        refusal(400, "E0000029"),
        linked(["a", "b"], next_link("after=b&limit=200")),
        linked(["c"]),
    )

    assert [[item.okta_id for item in page.items] for page in pages] == [["a", "b"], [], ["c"]]
    assert targets[2] == targets[0]


def test_a_walk_starts_over_once():
    first = linked(["a"], next_link("after=a&limit=200"))
    org = ScriptedOrg(first, refusal(400, "E0000029"), first, refusal(400, "E0000029"))

    with pytest.raises(OktaCursorError):
        list(client_of(org).pages(LIST_APPS))

    assert not org.script


def test_a_list_that_comes_wrapped_is_a_list():
    body = {"jwks": {"keys": [{"id": "pks1", "kid": "one"}]}}

    pages, _ = walk(reply(body), operation=OPERATIONS["listJwk"], path={"appId": "0oa1"})

    assert [item.okta_id for item in pages[0].items] == ["pks1"]


@pytest.mark.parametrize("body", [{"jwks": None}, {"jwks": {"keys": {}}}, {"keys": []}], ids=repr)
def test_a_wrapping_that_nobody_declared_is_a_protocol_error(body):
    with pytest.raises(OktaProtocolError):
        walk(*[reply(body)] * 3, operation=OPERATIONS["listJwk"], path={"appId": "0oa1"})


@pytest.mark.parametrize("client_id", ["something_from_somewhere", "a.b", "$-_.+!*'(),"])
def test_clients_are_known_by_whatever_their_makers_chose(client_id):
    pages, _ = walk(
        reply([{"client_id": client_id}]),
        operation=OPERATIONS["listOAuth2ClientsForAuthorizationServer"],
        path=SERVER,
    )

    assert pages[0].items[0].okta_id == client_id


def test_a_walk_through_a_clients_tokens_follows_its_links():
    url = f"https://{HOST}/api/v1/authorizationServers/aus1/clients/a.b%2A/tokens"

    pages, targets = walk(
        linked(["oar1"], next_link("after=oar1", url)),
        linked(["oar2"]),
        operation=OPERATIONS["listRefreshTokensForAuthorizationServerAndClient"],
        path={**SERVER, "clientId": "a.b*"},
    )

    assert [len(page.items) for page in pages] == [1, 1]
    assert targets[1].startswith("/api/v1/authorizationServers/aus1/clients/a.b%2A/tokens?after=")


def test_half_a_surrogate_pair_costs_one_character_and_no_item():
    raw = b'[{"id":"a","label":"x\\ud800y"},{"id":"b"}]'

    pages, _ = walk(reply(raw, content_type="application/json"))

    assert [item.okta_id for item in pages[0].items] == ["a", "b"]
    assert pages[0].items[0].body()["label"] == "x\ufffdy"


def test_an_item_that_cannot_be_read_says_so_when_it_is_looked_into():
    raw = b'[{"id":"a","label":"\xff"},{"id":"b"}]'

    pages, _ = walk(reply(raw, content_type="application/json"))

    with pytest.raises(BadJson):
        pages[0].items[0].body()
    assert pages[0].items[1].body() == {"id": "b"}


def test_a_bad_request_without_a_cursor_is_no_cursor_error():
    with pytest.raises(OktaRequestError) as refused:
        walk(refusal(400, "E0000031"))

    assert refused.value.code == "rejected"


def test_a_list_without_end_is_given_up():
    script = [linked([f"a{n}"], next_link(f"after=a{n}")) for n in range(3)]
    org = ScriptedOrg(*script)

    with pytest.raises(OktaProtocolError) as given_up:
        list(client_of(org).pages(LIST_APPS, max_pages=3))

    assert not given_up.value.retryable
    assert len(org.sent) == 3


def test_pages_are_fetched_only_when_asked_for():
    org = ScriptedOrg(linked(["a"], next_link("after=a")))

    next(client_of(org).pages(LIST_APPS))

    assert len(org.sent) == 1

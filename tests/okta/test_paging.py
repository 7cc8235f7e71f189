import pytest

from tenants.okta.client import OktaClient
from tenants.okta.errors import EgressRefused, OktaCursorError, OktaProtocolError, OktaRequestError
from tenants.okta.operations import LIST_APPS, LIST_AS_KEYS, LIST_AS_POLICIES, scopes_of
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

    assert [item["id"] for page in pages for item in page.items] == ["a", "b", "c"]
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


def test_a_cursor_with_characters_of_no_url_is_a_protocol_error():
    with pytest.raises(OktaProtocolError):
        walk(linked(["a"], next_link("after=a\u00e9 b")))


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


def test_odd_items_are_left_out_with_a_reason_and_cost_nothing_else():
    body = [{"id": "a"}, None, "b", {}, {"id": 7}, {"id": ""}, {"id": "../x"}, {"id": "c"}]

    pages, _ = walk(reply(body))

    assert [item["id"] for item in pages[0].items] == ["a", "c"]
    assert pages[0].odd == (
        "item 2 is not an object",
        "item 3 is not an object",
        "item 4 has no id",
        "item 5 has no id",
        "item 6 has no id",
        "item 7 has an id that cannot be asked for",
    )


def test_keys_are_known_by_their_kid():
    pages, _ = walk(reply([{"kid": "-aB_1"}]), operation=LIST_AS_KEYS, path=SERVER)

    assert pages[0].items == ({"kid": "-aB_1"},)


def test_an_item_that_moved_to_the_next_page_is_seen_once():
    pages, _ = walk(linked(["a", "b"], next_link("after=b")), linked(["b", "c", "c"]))

    assert [[item["id"] for item in page.items] for page in pages] == [["a", "b"], ["c"]]
    assert not any(page.odd for page in pages)


def test_secrets_in_items_are_dropped():
    pages, _ = walk(reply([{"id": "a", "credentials": {"oauthClient": {"client_secret": "s"}}}]))

    assert pages[0].items == ({"id": "a", "credentials": {"oauthClient": {}}},)


def test_an_empty_page_may_have_a_next():
    pages, _ = walk(linked([], next_link("after=a")), linked(["b"]))

    assert [len(page.items) for page in pages] == [0, 1]


@pytest.mark.parametrize("body", [{}, {"items": []}, None, "x", [{}] * 10_001], ids=repr)
def test_what_is_no_list_of_sensible_length_is_a_protocol_error(body):
    with pytest.raises(OktaProtocolError):
        walk(reply(body))


def test_a_walk_goes_on_where_an_earlier_one_stopped():
    pages, targets = walk(linked(["c"]), start="/api/v1/apps?after=b&limit=200")

    assert targets == ["/api/v1/apps?after=b&limit=200"]
    assert pages[0].items == ({"id": "c"},)


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

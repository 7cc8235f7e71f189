import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.okta.hosts import (
    DEFAULT_SUFFIXES,
    HostError,
    UnderstoodHost,
    is_org_host,
    understand_host,
)

ACME = [
    "acme.okta.com",
    "ACME.Okta.COM",
    "acme.okta.com.",
    "  acme.okta.com \n",
    "\u200bacme.okta.com\ufeff",
    "\u00a0acme.okta.com\u2060",
    "acme.okta.com:443",
    "acme.okta.com/",
    "acme.okta.com/admin/dashboard",
    "http://acme.okta.com",
    "https://acme.okta.com",
    "HTTPS://ACME.OKTA.COM/",
    "https://acme.okta.com:443/",
    "https://acme.okta.com./",
    "https://https://acme.okta.com",
    "https://acme.okta.com/oauth2/default",
    "https://acme.okta.com/oauth2/v1/token",
    "https://acme.okta.com/app/UserHome?session_hint=AUTHENTICATED&x=a@b",
    "https://acme.okta.com#top",
    "https://acme.okta.com?fromURI=/home",
]

OTHER_ORGS = [
    "acme.oktapreview.com",
    "acme.okta-emea.com",
    "acme.okta-gov.com",
    "acme.okta.mil",
    "dev-1234567.okta.com",
    "integrator-1234567.okta.com",
    "trial-1234567.okta.com",
    "somethingecom.okta.com",
    "admin-team.okta.com",
    "7.okta.com",
    f"{'a' * 57}.okta.com",
]

ADMIN_CONSOLES = [
    "acme-admin.okta.com",
    "https://acme-admin.okta.com/admin/dashboard",
    "ACME-ADMIN.okta.com:443",
    "acme-admin-admin.okta.com",
]

# The text, and a word of the sentence that refuses it.
HOSTILE = [
    ("", "Enter your Okta domain"),
    (" \t\n", "Enter your Okta domain"),
    ("\u200b\ufeff", "Enter your Okta domain"),
    ("acme", "whole domain"),
    ("localhost", "whole domain"),
    ("https://acme/", "whole domain"),
    ("okta.com", "name of your org is missing"),
    ("https://okta.com/login", "name of your org is missing"),
    ("okta.mil", "name of your org is missing"),
    (".okta.com", "not one that Okta gives"),
    ("-acme.okta.com", "not one that Okta gives"),
    ("acme-.okta.com", "not one that Okta gives"),
    ("-admin.okta.com", "not one that Okta gives"),
    ("xn--acm-hoa.okta.com", "not one that Okta gives"),
    ("ab--cd.okta.com", "not one that Okta gives"),
    (f"{'a' * 64}.okta.com", "not one that Okta gives"),
    ("a.b.okta.com", "exactly one name"),
    ("acme..okta.com", "exactly one name"),
    ("acme.okta.com.okta.com", "exactly one name"),
    ("www.okta.com", "belongs to Okta"),
    ("login.okta.com", "belongs to Okta"),
    ("developer.okta.com", "belongs to Okta"),
    ("help.okta.com", "belongs to Okta"),
    ("support.okta.com", "belongs to Okta"),
    ("status.okta.com", "belongs to Okta"),
    ("trust.okta.com", "belongs to Okta"),
    ("admin.okta.com", "belongs to Okta"),
    ("system.okta.com", "belongs to Okta"),
    ("api.oktapreview.com", "belongs to Okta"),
    ("login-admin.okta.com", "belongs to Okta"),
    ("acme.okta.com.com", "twice"),
    ("acme.okta.com..", "not an address of an Okta org"),
    ("acme.okta.org", "not an address of an Okta org"),
    ("acme.evilokta.com", "not an address of an Okta org"),
    ("acmeokta.com", "not an address of an Okta org"),
    ("acme.okta.com.evil.org", "not an address of an Okta org"),
    ("https://evil.org/acme.okta.com", "not an address of an Okta org"),
    ("https://evil.org?acme.okta.com", "not an address of an Okta org"),
    ("https://evil.org#.okta.com", "not an address of an Okta org"),
    ("login.acme.com", "domain of your own"),
    ("metadata.google.internal", "not an address of an Okta org"),
    ("acme.okta.com@evil.org", "e-mail"),
    ("https://acme.okta.com@evil.org", "user name and password"),
    ("https://user:pass@acme.okta.com/", "user name and password"),
    ("https://evil.org\\@acme.okta.com", "user name and password"),
    ("jane@acme.com", "e-mail"),
    ("jane@acme.okta.com", "e-mail"),
    ("acme.okta.com:8443", "port"),
    ("acme.okta.com:80", "port"),
    ("acme.okta.com:0443", "port"),
    ("acme.okta.com:443x", "port"),
    ("https:acme.okta.com", "port"),
    ("javascript:alert(1)", "port"),
    ("ftp://acme.okta.com", "https://"),
    ("file:///etc/passwd", "https://"),
    ("http\u017f://acme.okta.com", "letters a to z"),
    ("gopher://acme.okta.com", "https://"),
    ("127.0.0.1", "IP address"),
    ("https://10.0.0.1/", "IP address"),
    ("169.254.169.254", "IP address"),
    ("2130706433", "IP address"),
    ("0x7f000001", "IP address"),
    ("0177.0.0.1", "IP address"),
    ("0x7f.1", "IP address"),
    ("127.1", "IP address"),
    ("[::1]", "IP address"),
    ("::1", "IP address"),
    ("https://[::ffff:10.0.0.1]/", "IP address"),
    ("{yourOktaDomain}", "placeholder"),
    ("https://${yourOktaDomain}/", "placeholder"),
    ("<your-domain>.okta.com", "placeholder"),
    ("ac\u200bme.okta.com", "invisible"),
    ("acme.okta.com\n.evil.org", "invisible"),
    ("acme\t.okta.com", "invisible"),
    ("acme.okta.com\x00", "invisible"),
    ("acme.okta.com\r\nHost: evil.org", "invisible"),
    ("\u202eacme.okta.com", "invisible"),
    ("acm\u00e9.okta.com", "letters a to z"),
    ("\u0430cme.okta.com", "letters a to z"),
    ("acme\uff0eokta\uff0ecom", "letters a to z"),
    ("acme\u3002okta.com", "letters a to z"),
    ("\u212aacme.okta.com", "letters a to z"),
    ("acme.okta%2ecom", "letters a to z"),
    ("acme okta.com", "letters a to z"),
    ("acme_corp.okta.com", "letters a to z"),
    ("acme.okta.com\\evil", "letters a to z"),
    ("https:\\\\acme.okta.com", "port"),
    ("https:///acme.okta.com", "letters a to z"),
    ("//acme.okta.com", "letters a to z"),
    ("*.okta.com", "letters a to z"),
    ("acme.okta.com,evil.org", "letters a to z"),
    ("acme.okta.com/" + "a" * 260, "too long"),
]


@pytest.mark.parametrize("pasted", ACME)
def test_what_people_paste_is_understood_as_the_org(pasted):
    assert understand_host(pasted) == UnderstoodHost("acme.okta.com", "")


@pytest.mark.parametrize("host", OTHER_ORGS)
def test_every_kind_of_org_is_accepted(host):
    assert understand_host(f"https://{host}/").host == host


@pytest.mark.parametrize("pasted", ADMIN_CONSOLES)
def test_an_admin_console_becomes_its_org_and_says_so(pasted):
    understood = understand_host(pasted)

    assert understood.host == "acme.okta.com"
    assert "Admin Console" in understood.note
    assert "acme.okta.com" in understood.note


@pytest.mark.parametrize(("pasted", "sentence"), HOSTILE, ids=[repr(case[0]) for case in HOSTILE])
def test_anything_else_is_refused_with_its_own_sentence(pasted, sentence):
    with pytest.raises(HostError) as refused:
        understand_host(pasted)

    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")


def test_the_table_of_refusals_is_long():
    assert len(HOSTILE) >= 60


def test_only_configured_suffixes_count():
    assert understand_host("acme.example.test", ("example.test",)).host == "acme.example.test"
    with pytest.raises(HostError, match=r"ends in example\.test;"):
        understand_host("acme.okta.com", ("example.test",))


@pytest.mark.parametrize("host", ["acme.okta.com.", "ACME.okta.com", "acme-admin.okta.com", ""])
def test_a_host_that_is_not_stored_in_this_form_is_no_org_host(host):
    assert not is_org_host(host, DEFAULT_SUFFIXES)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader_and_what_it_accepts_is_stable(text):
    try:
        understood = understand_host(text)
    except HostError:
        return

    assert is_org_host(understood.host, DEFAULT_SUFFIXES)

"""What goes out and comes back other than JSON."""

import datetime
from email import message_from_bytes

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tenants.okta import bodies
from tenants.okta.bodies import Content
from tenants.okta.client import OktaClient
from tenants.okta.errors import OktaAmbiguous, OktaProtocolError
from tenants.okta.operations import OPERATIONS
from tests.okta.fakes import FakeTokens, ScriptedOrg, reply

SCOPES = frozenset({"okta.apps.manage"})
APP = {"appId": "0oa1"}
CSR = {**APP, "csrId": "h9zkutaSe7fZX0SwN1GqDApofgD1OW8g2B5l2azha50"}
METADATA = OPERATIONS["previewSAMLmetadataForApplication"]
UPLOAD = OPERATIONS["uploadApplicationLogo"]
PUBLISH = OPERATIONS["publishCsrFromApplication"]
GENERATE = OPERATIONS["generateCsrForApplication"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def client_of(*script):
    org = ScriptedOrg(*script)
    return OktaClient(org, FakeTokens(), SCOPES, sleep=lambda seconds: None), org


def metadata(raw, content_type="application/xml;charset=ISO-8859-1", times=1):
    client, org = client_of(*[reply(raw, content_type=content_type)] * times)
    return client.call(METADATA, path=APP, query={"kid": "k"}), org


@pytest.fixture(scope="module")
def certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )


@pytest.mark.parametrize("content_type", ["application/xml", "text/xml;charset=ISO-8859-1"])
def test_xml_is_decoded_as_the_document_says_not_as_the_header_does(content_type):
    raw = '<?xml version="1.0" encoding="UTF-8"?><Entity name="Crème"/>'.encode()

    document, org = metadata(raw, content_type)

    assert document.root.get("name") == "Crème"
    assert document.raw == raw
    assert org.sent[0].headers["accept"] == "application/xml, text/xml"


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        b"<a>",
        b'<?xml version="1.0" encoding="bogus"?><a/>',
        b'<?xml version="1.0" encoding="idna"?><a/>',
        b"<a>\x00</a>",
        b"<a>" * 50_000,
        b"<a>" + b"<b/>" * 100_000 + b"</a>",
    ],
    ids=["entity", "foreign dtd", "half", "no codec", "odd codec", "nul", "deep", "crowd"],
)
def test_xml_that_means_no_good_is_a_protocol_error(raw):
    with pytest.raises(OktaProtocolError):
        metadata(raw, times=3)


def test_json_in_place_of_xml_is_taken_for_what_it_is():
    client, _ = client_of(reply({"id": "a"}))

    assert client.call(METADATA, path=APP, query={"kid": "k"}) == {"id": "a"}


def test_a_request_for_a_certificate_comes_as_json_unless_its_bytes_are_asked_for():
    client, org = client_of(
        reply({"id": "c"}, 201), reply(b"MIIC", 201, content_type="application/pkcs10")
    )

    plain = client.exchange(GENERATE, path=APP, body={"subject": {}})
    raw = client.exchange(GENERATE, path=APP, body={"subject": {}}, accept="application/pkcs10")

    assert (plain.value, raw.value) == ({"id": "c"}, b"MIIC")
    assert [sent.headers["accept"] for sent in org.sent] == [
        "application/json",
        "application/pkcs10",
    ]


def test_an_answer_nobody_offered_cannot_be_asked_for():
    client, org = client_of()

    with pytest.raises(ValueError, match="does not answer with text/html"):
        client.exchange(GENERATE, path=APP, body={}, accept="text/html")

    assert not org.sent


@pytest.mark.parametrize(
    ("picture", "kind"),
    [(PNG, "png"), (b"\xff\xd8\xff\xe0" + b"\0" * 9, "jpeg"), (b"GIF89a" + b"\0" * 9, "gif")],
)
def test_a_logo_goes_out_as_a_form_with_one_file(picture, kind):
    client, org = client_of(reply(None, 201, location="https://cdn.example.com/logo"))

    outcome = client.exchange(UPLOAD, path=APP, body=bodies.logo(picture))

    (sent,) = org.sent
    head = f"Content-Type: {sent.headers['content-type']}\r\n\r\n".encode()
    (part,) = message_from_bytes(head + sent.body).get_payload()
    assert part.get_param("name", header="content-disposition") == "file"
    assert part.get_content_type() == f"image/{kind}"
    assert part.get_payload(decode=True) == picture
    assert outcome.location == "https://cdn.example.com/logo"


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (b"", "PNG, JPEG or GIF"),
        (b"<svg/>", "PNG, JPEG or GIF"),
        (PNG + b"\0" * 1_000_000, "at most 1000000 bytes"),
    ],
    ids=["empty", "svg", "too large"],
)
def test_what_is_no_logo_is_refused_before_it_is_sent(picture, told):
    with pytest.raises(ValueError, match=told):
        bodies.logo(picture)


def test_a_logo_of_exactly_the_largest_size_is_taken():
    assert bodies.logo(PNG.ljust(bodies.MAX_LOGO_BYTES, b"\0")).data


def test_a_certificate_is_published_as_pem_der_or_cer(certificate):
    pem, der = certificate.public_bytes(Encoding.PEM), certificate.public_bytes(Encoding.DER)
    client, org = client_of(*[reply({"kid": "k"}, 201)] * 3)

    for content in (bodies.certificate(pem), bodies.certificate(der), bodies.cer(der)):
        client.call(PUBLISH, path=CSR, body=content)

    assert [(sent.headers["content-type"], sent.body) for sent in org.sent] == [
        ("application/x-pem-file", pem),
        ("application/pkix-cert", der),
        ("application/x-x509-ca-cert", der),
    ]


def test_of_a_pem_file_only_its_certificate_is_sent(certificate):
    pem = certificate.public_bytes(Encoding.PEM)
    bundle = pem + b"-----BEGIN PRIVATE KEY-----\nc4n4ry00\n-----END PRIVATE KEY-----\n"

    assert bodies.certificate(bundle).data == pem


@pytest.mark.parametrize("data", [b"", b"junk", b"-----BEGIN CERTIFICATE-----\njunk"])
def test_what_is_no_certificate_is_refused_before_it_is_sent(data):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the library's
        bodies.certificate(data)


@pytest.mark.parametrize(
    ("name", "body"),
    [("publishCsrFromApplication", {"a": 1}), ("activateApplication", {"a": 1})],
)
def test_a_body_of_another_kind_than_the_operation_takes_is_our_own_mistake(name, body):
    client, org = client_of()

    with pytest.raises(ValueError, match=name):
        client.call(OPERATIONS[name], path=CSR, body=body)

    assert not org.sent


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_json_cannot_say_is_our_own_mistake(value):
    client, org = client_of()

    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        client.call(OPERATIONS["createApplication"], body={"label": value})

    assert not org.sent


def test_form_data_is_no_json():
    client, _ = client_of()

    with pytest.raises(ValueError, match="takes application/json"):
        client.call(OPERATIONS["createApplication"], body=Content("text/plain", b"a"))


def test_a_created_secret_is_shown_only_to_who_asked_for_it():
    made = {"id": "ocs1", "client_secret": "s3cret", "password": "other"}
    client, _ = client_of(reply(made, 201), reply(made, 201))
    create = OPERATIONS["createOAuth2ClientSecret"]

    hidden = client.exchange(create, path=APP)
    shown = client.exchange(create, path=APP, reveal=True)

    assert hidden.value == {"id": "ocs1"}
    assert shown.value == {"id": "ocs1", "client_secret": "s3cret"}
    assert "s3cret" not in repr(shown)


def test_no_other_operation_reveals_anything():
    client, org = client_of()

    with pytest.raises(ValueError, match="creates no secret"):
        client.exchange(OPERATIONS["listOAuth2ClientSecrets"], path=APP, reveal=True)

    assert not org.sent


def test_a_write_whose_answer_is_of_a_strange_kind_is_ambiguous():
    client, _ = client_of(reply(b"done", 200, content_type="text/plain"))

    with pytest.raises(OktaAmbiguous):
        client.call(OPERATIONS["createApplication"], body={})

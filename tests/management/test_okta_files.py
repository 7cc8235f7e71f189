"""``manage.py okta`` and files: answers that go into one, bodies that come from one."""

import io
import json
import stat
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.core.management.base import OutputWrapper

from tenants.management.okta.exits import Way, exit_for
from tenants.management.okta.output import AnswerElsewhere, Output, output_to
from tenants.sandbox.faults import Status
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.management.commanding import Okta

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_gets_the_answer_for_its_owner_alone(okta: Okta, tmp_path: Path) -> None:
    file = tmp_path / "apps.json"

    said = okta("Acme", "listApplications", "--all", "--file", file)

    assert (said.code, said.out) == (0, b"")
    assert len(json.loads(file.read_bytes())) == 12
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]


def test_a_file_that_is_there_stays_unless_it_may_be_overwritten(
    okta: Okta, acme: Org, tmp_path: Path
) -> None:
    file = tmp_path / "apps.json"
    file.write_text("mine")

    kept = okta("Acme", "listApplications", "--file", file)
    assert (kept.code, file.read_text(), list(acme.requests)) == (2, "mine", [])

    okta("Acme", "listApplications", "--file", file, "--overwrite")
    assert len(json.loads(file.read_text())) == 12


def test_of_two_that_want_one_file_the_later_keeps_its_answer_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "secret.json"

    def answer_late() -> None:
        with output_to(file, OutputWrapper(io.StringIO()), overwrite=False) as output:
            output.put({"client_secret": "shown only once"})
            file.write_text("theirs")

    with pytest.raises(AnswerElsewhere) as told:
        answer_late()

    [beside] = [kept for kept in tmp_path.iterdir() if kept != file]
    assert file.read_text() == "theirs"
    assert "shown only once" in beside.read_text()
    assert str(beside) in str(told.value)
    assert exit_for(told.value) == Way.OURS


@pytest.mark.parametrize("name", ["-", "a" * 300])
def test_a_name_that_no_answer_can_have_is_refused_before_anything_is_sent(
    okta: Okta, acme: Org, name: str
) -> None:
    said = okta("Acme", "listApplications", "--file", name)

    assert said.code == 2
    assert not acme.requests


def test_a_walk_that_breaks_off_leaves_no_file(
    okta: Okta, sandbox: Sandbox, tmp_path: Path
) -> None:
    before = set(tmp_path.iterdir())
    sandbox.faults.add(Status(status=403, code="E0000006", operation="listApplications", nth=2))
    words = ("Acme", "listApplications", "--query", "limit=5", "--all")

    said = okta(*words, "--file", tmp_path / "apps.json")

    assert said.code == 5
    assert "Cut off after 5 items" in said.err
    assert set(tmp_path.iterdir()) == before


def test_what_is_printed_of_a_broken_walk_is_no_whole_array(okta: Okta, sandbox: Sandbox) -> None:
    sandbox.faults.add(Status(status=403, code="E0000006", operation="listApplications", nth=2))

    said = okta("Acme", "listApplications", "--query", "limit=5", "--all")

    assert said.out.startswith(b'[\n{"id"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(said.out)


def test_a_json_body_is_sent_as_it_is(okta: Okta, acme: Org, tmp_path: Path) -> None:
    acme.grant("okta.authorizationServers.manage")
    body = tmp_path / "server.json"
    body.write_text('{"name": "Caf\u00e9", "audiences": ["api://cafe"]}', encoding="utf-8-sig")

    said = okta("Acme", "createAuthorizationServer", "--body", body, "--yes")

    assert said.code == 0
    assert json.loads(said.out)["name"] == "Caf\u00e9"


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("createAuthorizationServer", b'{"name": '),
        ("createAuthorizationServer", b"\xff"),
        ("createAuthorizationServer", b'{"name": NaN}'),
        ("introspect", b'["token"]'),
        ("introspect", b'{"token": 1}'),
    ],
)
def test_a_body_that_is_no_json_is_not_sent(
    okta: Okta, acme: Org, operation: str, body: bytes
) -> None:
    said = okta("Acme", operation, "--body", "-", "--yes", piped=body)

    assert said.code == 2
    assert not acme.requests


@pytest.mark.parametrize(
    ("operation", "path", "told"),
    [
        ("uploadApplicationLogo", ["appId=1"], "has to be a PNG, JPEG or GIF"),
        ("publishCsrFromApplication", ["appId=1", "csrId=2"], "not one readable X.509 certificate"),
        ("deleteApplication", ["appId=1"], "takes no body"),
    ],
)
def test_a_body_of_the_wrong_kind_is_not_sent(
    okta: Okta, acme: Org, operation: str, path: list[str], told: str
) -> None:
    words = ("Acme", operation, "--path", *path, "--body", "-", "--yes")

    said = okta(*words, piped=b"hello")

    assert (said.code, told in said.err) == (2, True)
    assert not acme.requests


@pytest.fixture
def csr(okta: Okta, oidc_app_id: str, tmp_path: Path) -> Path:
    """A certificate request of Okta's, as PKCS #10 in Base64."""
    body = b'{"subject": {"commonName": "acme.example"}}'
    words = ("Acme", "generateCsrForApplication", "--path", f"appId={oidc_app_id}")
    made = okta(*words, "--body", "-", "--yes", piped=body)
    file = tmp_path / json.loads(made.out)["id"]
    path = ("--path", f"appId={oidc_app_id}", f"csrId={file.name}")
    accept = ("--accept", "application/pkcs10", "--file", file)
    assert okta("Acme", "getCsrForApplication", *path, *accept).code == 0
    return file


def sign(csr: Path) -> x509.Certificate:
    request = x509.load_der_x509_csr(b64decode(csr.read_bytes()))
    now = datetime.now(UTC)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vendor CA")])
    return (
        x509.CertificateBuilder(issuer, request.subject)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    )


@pytest.mark.parametrize(
    ("ending", "encoding"),
    [("pem", Encoding.PEM), ("der", Encoding.DER), ("cer", Encoding.DER)],
)
def test_a_signed_certificate_is_published_in_any_encoding(
    okta: Okta, oidc_app_id: str, csr: Path, ending: str, encoding: Encoding
) -> None:
    file = csr.with_suffix(f".{ending}")
    file.write_bytes(sign(csr).public_bytes(encoding))
    path = ("--path", f"appId={oidc_app_id}", f"csrId={csr.name}")

    said = okta("Acme", "publishCsrFromApplication", *path, "--body", file, "--yes")

    assert said.code == 0
    assert json.loads(said.out)["x5c"]


def test_bytes_are_kept_from_a_terminal(okta: Okta, acme: Org) -> None:
    path = ("--path", "appId=1", "csrId=2", "--accept", "application/pkcs10")

    said = okta("Acme", "getCsrForApplication", *path, at_terminal=True)

    assert (said.code, "Name a --file" in said.err) == (2, True)
    assert not acme.requests


def test_bytes_that_come_unasked_cannot_steer_a_terminal() -> None:
    shown: list[bytes] = []

    Output(shown.append, at_terminal=True).put(b"MIIC\x1b[2J\xff")

    assert b"".join(shown).decode() == "MIIC\ufffd[2J\ufffd\n"


def test_a_logo_is_uploaded(okta: Okta, oidc_app_id: str, tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    words = ("Acme", "uploadApplicationLogo", "--path", f"appId={oidc_app_id}", "--yes")

    said = okta(*words, "--body", picture)

    assert (said.code, said.out) == (0, b"")
    assert "201, without a body" in said.err

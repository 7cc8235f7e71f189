"""Logos of apps, as browsers and clients send files."""

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.caller import Answer, Caller

MEGABYTE = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture
def path(org: Org) -> str:
    return f"/api/v1/apps/{org.list('app')[0]['id']}"


def upload(manager: Caller, path: str, content: bytes, *, name: str = "file") -> Answer:
    parts = (
        b"--sep\r\n"
        b'Content-Disposition: form-data; name="%s"; filename="../../icon.png"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n%s\r\n--sep--\r\n"
    ) % (name.encode(), content)
    return send(manager, path, parts, "multipart/form-data; boundary=sep")


def send(manager: Caller, path: str, body: bytes, kind: str) -> Answer:
    return manager.call("POST", f"{path}/logo", body=body, content_type=kind)


@pytest.mark.parametrize("picture", [PNG, b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a"])
def test_a_logo_is_where_the_answer_says(manager: Caller, path: str, picture: bytes) -> None:
    answer = upload(manager, path, picture)

    (logo,) = manager.get(path).json()["_links"]["logo"]
    assert (answer.status, answer.body) == (201, b"")
    assert answer.headers["location"] == logo["href"]


def test_a_logo_of_a_megabyte_is_the_largest(manager: Caller, path: str) -> None:
    largest = PNG + bytes(MEGABYTE - len(PNG))

    assert upload(manager, path, largest).status == 201
    assert upload(manager, path, largest + b"x").status == 400


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"PNG", b"BM"])
def test_what_is_no_picture_is_refused(manager: Caller, path: str, content: bytes) -> None:
    assert upload(manager, path, content).json()["errorCode"] == "E0000001"


def test_the_file_has_its_name(manager: Caller, path: str) -> None:
    assert upload(manager, path, PNG, name="logo").status == 400


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=other"])
@pytest.mark.parametrize("body", [b"", b"junk", b"--sep\r\n\r\n--sep--"])
def test_what_is_no_form_is_refused(manager: Caller, path: str, body: bytes, kind: str) -> None:
    assert send(manager, path, body, kind).status == 400


@pytest.mark.parametrize(
    "nested",
    [
        pytest.param(b"--b0\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 5000, id="mails"),
        pytest.param(
            b"".join(
                b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (level, level + 1)
                for level in range(2000)
            ),
            id="forms",
        ),
    ],
)
def test_parts_within_parts_within_parts_are_refused(
    manager: Caller, path: str, nested: bytes
) -> None:
    assert send(manager, path, nested, "multipart/form-data; boundary=b0").status == 400


def test_a_bare_picture_is_of_the_wrong_type(manager: Caller, path: str) -> None:
    answer = send(manager, path, PNG, "image/png")

    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000019")

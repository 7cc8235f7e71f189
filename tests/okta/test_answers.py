import pytest

from tenants.okta.answers import BadJson, read_json, read_object


def nested(depth):
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b"[]", []),
        (b"null", None),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        ('{"a":"contraseña \u2011 🙂"}'.encode(), {"a": "contraseña \u2011 🙂"}),
        (b'{"a":"\\ud83d\\ude42"}', {"a": "🙂"}),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_json_is_read_as_okta_sends_it(body, value):
    assert read_json(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{",
        b'"\xff"',
        b"NaN",
        b'{"a":-Infinity}',
        b"1e999",
        nested(66),
        nested(200_000),
    ],
    ids=repr,
)
def test_what_is_no_storable_json_is_refused(body):
    with pytest.raises(BadJson):
        read_json(body)


def test_the_error_does_not_carry_the_body():
    with pytest.raises(BadJson) as error:
        read_json(b'{"client_secret":"s3cret"')

    assert error.value.__cause__ is None
    assert "s3cret" not in str(error.value)


def test_64_levels_are_read():
    assert read_json(nested(64))


def test_text_that_no_database_takes_is_made_storable():
    assert read_json(b'{"a\\u0000":["\\ud800x","\\udfff"]}') == {"a\ufffd": ["\ufffdx", "\ufffd"]}


def test_a_repeated_key_is_refused_where_it_decides():
    with pytest.raises(BadJson):
        read_json(b'{"scope":"a","scope":"b"}', strict=True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"7"])
def test_an_error_body_that_is_no_object_says_nothing(body):
    assert read_object(body) == {}

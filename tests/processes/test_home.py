import os
import stat

import pytest

from oin_service.home import HomeRefused, adopt_signing_key, found_home


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home that does not exist yet, in an environment that names no key."""
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", "")  # so that monkeypatch restores what is set below
    monkeypatch.delenv("SECRET_KEY_FILE")
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "var"))
    return tmp_path / "var"


def test_serving_for_the_first_time_makes_a_signing_key_that_is_ours_alone(home):
    adopt_signing_key(["manage.py", "serve"])

    key = home / "keys/signing_key"
    assert os.environ["SECRET_KEY_FILE"] == str(key)
    assert len(key.read_text()) >= 50
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_serving_again_keeps_the_key(home):
    adopt_signing_key(["manage.py", "serve"])
    first = (home / "keys/signing_key").read_text()
    del os.environ["SECRET_KEY_FILE"]

    adopt_signing_key(["manage.py", "serve"])

    assert (home / "keys/signing_key").read_text() == first


def test_other_commands_find_the_key_but_never_make_one(home):
    adopt_signing_key(["manage.py", "migrate"])
    assert "SECRET_KEY_FILE" not in os.environ

    adopt_signing_key(["manage.py", "serve"])
    del os.environ["SECRET_KEY_FILE"]
    adopt_signing_key(["manage.py", "migrate"])
    assert "SECRET_KEY_FILE" in os.environ


def test_a_key_in_the_environment_wins(home, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "from the vendor's own store")

    adopt_signing_key(["manage.py", "serve"])

    assert not home.exists()


def test_a_home_that_cannot_be_made_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(HomeRefused, match=r"file/var cannot be used .*HUB_HOME"):
        found_home(tmp_path / "file" / "var")


def test_a_home_that_cannot_be_written_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere

    with pytest.raises(HomeRefused, match="cannot be written to"):
        found_home(tmp_path)


def test_manage_ends_with_the_sentence_and_not_with_a_traceback(tmp_path, home, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "file" / "var"))

    with pytest.raises(SystemExit, match="cannot be used"):
        adopt_signing_key(["manage.py", "serve"])

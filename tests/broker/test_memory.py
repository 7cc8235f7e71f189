import pytest

from tenants.broker.cached import CachedToken
from tenants.broker.memory import Memory, Remembered
from tenants.okta.oauth import AccessToken
from tests.broker.okta import READ_APPS, READ_USERS, grant_of

IDENTITY = grant_of().identity


def remembered(value: str) -> Remembered:
    token = AccessToken(value=value, scopes=READ_APPS, expires_at=0.0)
    return Remembered(CachedToken(token, 0.0, use_until=0.0, renew_at=0.0), recheck_at=0.0)


@pytest.fixture
def memory() -> Memory:
    return Memory(size=2)


def test_the_least_recently_used_token_goes_first(memory):
    keys = [(IDENTITY, frozenset({scope})) for scope in "abc"]
    memory.keep(keys[0], remembered("0"), memory.generation)
    memory.keep(keys[1], remembered("1"), memory.generation)
    memory.find(keys[0])

    memory.keep(keys[2], remembered("2"), memory.generation)

    assert [bool(memory.find(key)) for key in keys] == [True, False, True]


def test_forgetting_a_grant_takes_all_its_tokens(memory):
    for scopes in (READ_APPS, READ_USERS):
        memory.keep((IDENTITY, scopes), remembered("t"), memory.generation)

    memory.forget(IDENTITY)

    assert memory.find((IDENTITY, READ_APPS)) is None
    assert memory.find((IDENTITY, READ_USERS)) is None


def test_what_was_fetched_before_a_forgetting_is_not_kept_after_it(memory):
    before = memory.generation
    memory.forget(IDENTITY)

    memory.keep((IDENTITY, READ_APPS), remembered("late"), before)

    assert memory.find((IDENTITY, READ_APPS)) is None


def test_only_the_very_token_is_discarded(memory):
    key = (IDENTITY, READ_APPS)
    memory.keep(key, remembered("new"), memory.generation)

    memory.discard(key, remembered("old").cached.token)
    assert memory.find(key)

    memory.discard(key, remembered("new").cached.token)
    assert memory.find(key) is None

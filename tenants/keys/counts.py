"""How many sealed values each key holds."""

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Greatest, StrIndex, Substr

from tenants.models import SealedSecret
from tenants.vault.envelope import VERSION

_PREFIX = f"{VERSION}:"


def sealed_counts() -> dict[str, int]:
    """Key id to the number of values sealed under it, of all tenants together; ids sorted.

    Only ids that hold values are in it. What is no sealed value at all counts under ``""``.
    """
    after_prefix = Substr("sealed", len(_PREFIX) + 1)
    id_length = Greatest(StrIndex(after_prefix, Value(":")) - 1, 0)
    named = SealedSecret.objects.annotate(key_id=Substr(after_prefix, 1, id_length))
    return dict(named.values_list("key_id").annotate(Count("pk")).order_by(F("key_id")))


def counted(values: int) -> str:
    """For people: ``"1 value"``, ``"2 values"``."""
    return f"{values} value{'' if values == 1 else 's'}"


def under(key_id: str) -> Q:
    """Of sealed values: they name this key."""
    return Q(sealed__startswith=f"{_PREFIX}{key_id}:")

"""Encryption at rest for shared secrets.

They must be readable again (they are handed to the buyer, and sent along with our own documents), so they are
encrypted and not hashed. Being 256 random bits they need no slow hash either. The keys come from a setting of their
own; the first writes, all of them read.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from wagtail_punchout.conf import conf


class UnreadableSecret(ImproperlyConfigured):
    """A stored secret that no configured key opens, or that was copied from another row."""


def seal(plain: str, *, context: str) -> str:
    """Encrypt ``plain``; it can be opened again only with the same ``context``."""
    return _box().encrypt(f"{context}\n{plain}".encode()).decode()


def unseal(sealed: str, *, context: str) -> str:
    """The clear text; ``UnreadableSecret`` rather than anything that could be mistaken for a wrong secret."""
    try:
        found, _, plain = _box().decrypt(sealed.encode()).decode().partition("\n")
    except InvalidToken:
        raise UnreadableSecret(
            "A stored secret cannot be opened: the key that wrote it is missing in WAGTAIL_PUNCHOUT['SECRET_KEYS']."
        ) from None
    if found != context:
        raise UnreadableSecret("A stored secret belongs to another credential.")
    return plain


def reseal(sealed: str) -> str:
    """The same secret under the newest key."""
    return _box().rotate(sealed.encode()).decode()


def is_current(sealed: str) -> bool:
    """Whether the newest key opens it."""
    try:
        _box_of(_keys()[:1]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _box() -> MultiFernet:
    return _box_of(_keys())


def _keys() -> tuple[str, ...]:
    return tuple(conf().SECRET_KEYS or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derive(key)) for key in keys])


def _derive(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wagtail_punchout.secrets.v1").derive(key.encode())
    return base64.urlsafe_b64encode(derived)

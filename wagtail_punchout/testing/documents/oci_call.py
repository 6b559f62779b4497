"""The call-up: what a buyer's browser takes along when it opens a shop by OCI.

There is no word between the two servers beforehand. User name, password, the way home and the wish are parameters of
one address, or fields of one form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from wagtail_punchout.testing.documents.writing import STRUCK_OUT

# The shop chooses the names of the first two, and some choose others for the rest as well.
NAMES = {
    "username": "USERNAME",
    "password": "PASSWORD",
    "hook_url": "HOOK_URL",
    "version": "OCI_VERSION",
    "charset": "http_content_charset",
    "target": "returntarget",
    "function": "FUNCTION",
    "product_id": "PRODUCTID",
    "quantity": "QUANTITY",
    "search": "SEARCHSTRING",
}
DEFAULT_CHARSET = "iso-8859-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class OciSettings:
    """The values a shop hands to a buyer, and what the buyer's administrator chose."""

    oci_url: str
    username: str
    password: str = field(repr=False)
    version: str = "4.0"  # or "3.0", "5.0"
    method: str = "get"  # or "post"
    #: Of the return page, as asked for in the call. Without it the buyer expects ISO-8859-1.
    charset: str = ""
    #: The frame or window that the cart shall return to.
    target: str = ""
    #: Further parameters, as they are: user data, cost centers, constants that shall come back on every line.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Other names for some of NAMES.
    names: Mapping[str, str] = field(default_factory=dict)
    #: Fields beyond the standard's that may come home without complaint.
    agreed: tuple[str, ...] = ()

    @property
    def expected_charset(self) -> str:
        return self.charset or DEFAULT_CHARSET


def call_pairs(
    settings: OciSettings, hook_url: str, *, further: Mapping[str, str] | None = None, **wish: str
) -> tuple[tuple[str, str], ...]:
    """The parameters of a call in SAP's order: the shop's, the hook, the control fields.

    ``wish`` has keys of NAMES: ``function="DETAIL", product_id="4711"``. Release 3 knows ``~TARGET`` only, later ones
    ``returntarget`` instead.
    """
    is_old = settings.version.startswith("3")
    said = {
        "username": settings.username,
        "password": settings.password,
        "version": settings.version,
        "charset": settings.charset,
        "target": "" if is_old else settings.target,
        **wish,
        "hook_url": hook_url,
    }
    names = {**NAMES, **settings.names}
    pairs = [*settings.extra.items(), *(further or {}).items()]
    pairs += [(names[role], value) for role, value in said.items() if value]
    pairs += [("~OkCode", "ADDI"), ("~CALLER", "CTLG")]
    if is_old:
        pairs.append(("~TARGET", settings.target or "_top"))
    return tuple(pairs)


def call_url(settings: OciSettings, pairs: Sequence[tuple[str, str]]) -> str:
    """The address for a call by GET."""
    return f"{settings.oci_url}{'&' if '?' in settings.oci_url else '?'}{urlencode(pairs)}"


def as_sent(settings: OciSettings, pairs: Sequence[tuple[str, str]]) -> str:
    """The call to look at, without the password."""
    shown = ((name, STRUCK_OUT if value == settings.password else value) for name, value in pairs)
    return "\n".join([f"{settings.method.upper()} {settings.oci_url}", *(f"{name}={value}" for name, value in shown)])

"""Networks as staff type them: one CIDR a line."""

from __future__ import annotations

import ipaddress

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def read_networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks in ``text``; ``ValueError`` for a line that is none."""
    return [ipaddress.ip_network(line.strip()) for line in text.splitlines() if line.strip()]


def validate_networks(text: str) -> None:
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            ipaddress.ip_network(line)
        except ValueError:
            raise ValidationError(
                _("“%(line)s” is no network. Write it like 10.20.0.0/16."), params={"line": line}
            ) from None

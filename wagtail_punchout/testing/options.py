"""Who comes to a simulated visit: the options of a command, or a customer of the demo's file, as a buyer's settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from wagtail_punchout.testing.documents import BuyerSettings, OciSettings

SECRET = "PUNCHOUT_SECRET"  # noqa: S105  (the name of a variable)
CXML = "cxml"
VERSIONS = {"oci3": "3.0", "oci4": "4.0", "oci5": "5.0"}
VALUES = ("from_domain", "from_identity", "to_domain", "to_identity", "sender_domain", "sender_identity", "secret")


class UnusableOptions(ValueError):
    """Something is missing or does not go together; the sentence says what."""


def settings_from(options: Mapping[str, Any]) -> BuyerSettings | OciSettings:
    """Of the buyer that a command's options describe, or one of the demo's file."""
    if options["demo"]:
        return _from_demo(options)
    secret = options["secret"] if options["secret"] is not None else os.environ.get(SECRET, "")
    for given, name in ((options["url"], "the URL"), (options["sender_identity"], "--sender-identity")):
        if not given:
            raise UnusableOptions(f"{name} is missing. Give it, or use --demo FILE.")
    if not secret:
        raise UnusableOptions(f"The secret is missing: set {SECRET} in the environment, or give --secret.")
    if options["format"] in VERSIONS:
        return _oci_settings(options, options["url"], options["sender_identity"], secret, options["format"])
    values = {name: options[name] for name in VALUES if name != "secret"}
    values["from_identity"] = values["from_identity"] or values["sender_identity"]
    return BuyerSettings(
        **values,
        secret=secret,
        setup_url=options["url"],
        order_url=options["order_url"],
        mode=options["mode"] or "production",
    )


def _oci_settings(options: Mapping[str, Any], url: str, username: str, secret: str, format: str) -> OciSettings:
    if options["operation"] != "create":
        raise UnusableOptions("OCI knows no way back into a cart: leave --operation out.")
    if options["order"] is not None:
        raise UnusableOptions("OCI knows no orders: leave --order out.")
    further = dict(each.partition("=")[::2] for each in options["parameter"])
    return OciSettings(
        oci_url=url,
        username=username,
        password=secret,
        version=VERSIONS[format],
        extra=further,
        **{name: options[name] for name in ("method", "charset", "target")},
    )


def _from_demo(options: Mapping[str, Any]) -> BuyerSettings | OciSettings:
    try:
        customers = json.loads(Path(options["demo"]).read_text(encoding="utf-8"))["customers"]
    except (OSError, ValueError, KeyError) as error:
        raise UnusableOptions(f"{options['demo']} is not the demo's file: {error!r}") from error
    each = next(_wanted(customers, options), None)
    if each is None:
        names = ", ".join(dict.fromkeys(each.get("name", "?") for each in customers if _format_of(each)))
        raise UnusableOptions(f"No customer “{options['customer']}” in {options['demo']}. There are: {names}.")
    if (format := _format_of(each)) != CXML:
        return _oci_settings(
            options, options["url"] or each["oci_url"], each["sender_identity"], each["secret"], format
        )
    settings = BuyerSettings(
        **{name: each[name] for name in (*VALUES, "setup_url")},
        order_url=options["order_url"] or each.get("order_url", ""),
        mode=each.get("mode", "production"),
    )
    return replace(settings, setup_url=options["url"] or settings.setup_url)


def _wanted(customers: list[dict[str, Any]], options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Without a format, a name decides; without a name, cXML."""
    wanted = options["customer"].casefold()
    for each in customers:
        format = _format_of(each)
        is_format = format == (options["format"] or CXML) or bool(format and wanted and not options["format"])
        is_wanted = wanted in {"", each.get("name", "").casefold(), each.get("company", "").casefold()}
        if is_format and is_wanted and options["mode"] in {None, each.get("mode")}:
            yield each


def _format_of(customer: dict[str, Any]) -> str:
    """One that we speak, else nothing."""
    format = customer.get("format", CXML).lower()
    return format if format in {CXML, *VERSIONS} else ""

"""A whole PunchOut visit on the command line, as a buyer's system and its user would make it."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wagtail_punchout.testing.buyer import BuyerSettings, FakeBuyer, Reply, RequestsTransport, Step, StepFailed
from wagtail_punchout.testing.documents import ReturnedCart

SECRET = "PUNCHOUT_SECRET"  # noqa: S105  (the name of a variable)
DOMAIN = "NetworkID"
VALUES = ("from_domain", "from_identity", "to_domain", "to_identity", "sender_domain", "sender_identity", "secret")


class Command(BaseCommand):
    help = (
        "Visits a shop the way a buyer's procurement system does: profile, set-up, start page, cart, return."
        " Prints each step with its time and what a strict buyer would not like about the cart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", nargs="?", help="the shop's PunchOut URL, to which set-up requests are posted")
        identities = parser.add_argument_group("who calls")
        identities.add_argument("--sender-identity", default="", help="the customer's user name")
        identities.add_argument(
            "--secret",
            default=None,
            help=f"the shared secret. It stays in your shell's history: rather set {SECRET} in the environment",
        )
        identities.add_argument("--from-identity", default="", help="the buyer (default: the sender identity)")
        identities.add_argument("--to-identity", default="SUPPLIER", help="the shop")
        for party in ("from", "to", "sender"):
            identities.add_argument(f"--{party}-domain", default=DOMAIN, help=f"default: {DOMAIN}")
        identities.add_argument(
            "--mode", choices=["production", "test"], help="default: production, or what the file says"
        )
        identities.add_argument("--demo", metavar="FILE", help="take all values from the demo's file instead")
        identities.add_argument("--customer", default="", help="which customer of that file (default: the first)")
        visit = parser.add_argument_group("the visit")
        visit.add_argument(
            "--operation",
            choices=["create", "edit", "inspect"],
            default="create",
            help="edit and inspect first make a cart and then come back to it",
        )
        visit.add_argument(
            "--edit", action="store_const", const="edit", dest="operation", help="the same as --operation edit"
        )
        visit.add_argument("--items", type=int, default=3, help="how many articles to take (default: 3)")
        visit.add_argument("--shop-path", default="", help="a page with articles (default: look for one)")
        visit.add_argument("--cart-path", default="/cart/", help="the cart page (default: /cart/)")
        visit.add_argument("--cancel", action="store_true", help="leave without the cart")
        visit.add_argument("--profile-only", action="store_true", help="only ask what the shop can do")
        parser.add_argument("--strict", action="store_true", help="complaints count as failure")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
        parser.add_argument("--timeout", type=float, default=30)

    def handle(self, *args: Any, **options: Any) -> None:
        self._quiet = options["json"]
        self._carts: list[ReturnedCart] = []
        self._complaints: list[str] = []
        self.buyer = FakeBuyer(_settings(options), RequestsTransport(options["timeout"]))
        self._shown = 0
        failure = ""
        try:
            self._simulate(options)
        except StepFailed as failed:
            failure = str(failed)
            self._show_steps(failed=True)
        if options["json"]:
            self.stdout.write(json.dumps(self._report(failure), indent=2, ensure_ascii=False))
        if failure:
            raise CommandError(failure)
        if options["strict"] and self._complaints:
            raise CommandError(f"{len(self._complaints)} complaints, see above.")
        self._say(self.style.SUCCESS("Everything went as a buyer expects."))

    # The visit

    def _simulate(self, options: dict[str, Any]) -> None:
        self.buyer.ping()
        self._show_steps()
        profile = self.buyer.profile()
        self._accept("profile", profile)
        for transaction in profile.answer.transactions:
            said = ", ".join(f"{name}: {value}" for name, value in transaction.options.items())
            self._say(f"      {transaction.name} at {transaction.url}{f' ({said})' if said else ''}")
        if options["profile_only"]:
            return
        operation = options["operation"]
        is_last = operation == "create"
        cart = self._visit(options, "create", is_cancelled=options["cancel"] and is_last)
        if not is_last:
            self._visit(options, operation, cart, is_cancelled=options["cancel"] or operation == "inspect")

    def _visit(
        self, options: dict[str, Any], operation: str, before: ReturnedCart | None = None, *, is_cancelled: bool
    ):
        reply = self.buyer.setup(operation, lines=before.lines if before else ())
        self._accept(f"setup {operation}", reply)
        self.buyer.open(reply.start_url)
        if operation == "create":
            self._fill(options)
        self.buyer.go(options["cart_path"])
        self.buyer.press("cancel" if is_cancelled else "return")
        cart = self.buyer.home()
        self._show_steps()
        self._show_cart(cart)
        if is_cancelled is not cart.is_cancelled:
            wanted, came = ("204", "a cart") if is_cancelled else ("a cart", "204")
            raise StepFailed("home", f"{wanted} should have come back, but it was {came}.", self.buyer.page)
        if before and not is_cancelled:
            self._compare(before, cart)
        return cart

    def _fill(self, options: dict[str, Any]) -> None:
        if options["shop_path"]:
            self.buyer.go(options["shop_path"])
        shelf = self.buyer.find("add-to-cart")
        for place in range(min(options["items"], len(shelf.forms("add-to-cart")))):
            if not self.buyer.page.forms("add-to-cart"):
                self.buyer.go(shelf.url)
            self.buyer.press("add-to-cart", place)

    def _compare(self, before: ReturnedCart, after: ReturnedCart) -> None:
        """An edit without a change must not change anything: buyers find their lines by part and auxiliary ID."""
        old, new = ({(line.part_id, line.auxiliary_id) for line in cart.lines} for cart in (before, after))
        if old != new:
            self._complain((f"The lines changed their names during an edit that changed nothing: {old ^ new}.",))

    # What is said about it

    def _accept(self, step: str, reply: Reply) -> None:
        self._show_steps(reply.answer.verdict)
        self._complain(reply.complaints)
        if not reply.is_ok:
            raise StepFailed(step, f"The shop refused: {reply.answer.verdict}")

    def _show_steps(self, verdict: str = "", *, failed: bool = False) -> None:
        fresh = self.buyer.steps[self._shown :]
        self._shown = len(self.buyer.steps)
        for step in fresh:
            is_last = step is fresh[-1]
            mark = self.style.ERROR("FAIL") if failed and is_last else self.style.SUCCESS("  ok")
            self._say(f"{mark}  {step.name:<22} {step.milliseconds:8.1f} ms  {verdict if is_last else ''}".rstrip())

    def _show_cart(self, cart: ReturnedCart) -> None:
        self._carts.append(cart)
        if cart.is_cancelled:
            self._say("      cancelled: nothing changes at the buyer")
        for line in cart.lines:
            text = line.description()
            what = text.short_name or text.text
            self._say(f"      {line.quantity} {line.unit}  {line.part_id}  {what[:50]}  {line.unit_price}")
        if cart.lines:
            self._say(f"      total {cart.total}, in {cart.field}, {cart.operation_allowed} allowed")
        self._complain(cart.complaints)

    def _complain(self, complaints: tuple[str, ...]) -> None:
        self._complaints.extend(complaints)
        for sentence in complaints:
            self._say(self.style.WARNING(f"   !  {sentence}"))

    def _say(self, line: str) -> None:
        if not self._quiet:
            self.stdout.write(line)

    def _report(self, failure: str) -> dict[str, Any]:
        return {
            "ok": not failure,
            "failure": failure,
            "steps": [_as_dict(step) for step in self.buyer.steps],
            "carts": [_cart_as_dict(cart) for cart in self._carts],
            "complaints": self._complaints,
        }


def _settings(options: dict[str, Any]) -> BuyerSettings:
    if options["demo"]:
        return _from_demo(options)
    secret = options["secret"] if options["secret"] is not None else os.environ.get(SECRET, "")
    for given, name in ((options["url"], "the URL"), (options["sender_identity"], "--sender-identity")):
        if not given:
            raise CommandError(f"{name} is missing. Give it, or use --demo FILE.")
    if not secret:
        raise CommandError(f"The secret is missing: set {SECRET} in the environment, or give --secret.")
    values = {name: options[name] for name in VALUES if name != "secret"}
    values["from_identity"] = values["from_identity"] or values["sender_identity"]
    return BuyerSettings(**values, secret=secret, setup_url=options["url"], mode=options["mode"] or "production")


def _from_demo(options: dict[str, Any]) -> BuyerSettings:
    try:
        customers = json.loads(Path(options["demo"]).read_text(encoding="utf-8"))["customers"]
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(f"{options['demo']} is not the demo's file: {error!r}") from error
    wanted = options["customer"].casefold()
    speaking = [each for each in customers if each.get("format", "cxml").lower() == "cxml"]
    for each in speaking:
        is_wanted = wanted in {"", each.get("name", "").casefold(), each.get("company", "").casefold()}
        if is_wanted and options["mode"] in {None, each.get("mode")}:
            settings = BuyerSettings(
                **{name: each[name] for name in (*VALUES, "setup_url")},
                order_url=each.get("order_url", ""),
                mode=each.get("mode", "production"),
            )
            return replace(settings, setup_url=options["url"] or settings.setup_url)
    names = ", ".join(each.get("name", "?") for each in speaking)
    raise CommandError(f"No customer “{options['customer']}” in {options['demo']}. There are: {names}.")


def _as_dict(step: Step) -> dict[str, Any]:
    return {"name": step.name, "milliseconds": round(step.milliseconds, 1)}


def _cart_as_dict(cart: ReturnedCart) -> dict[str, Any]:
    return {
        "cancelled": cart.is_cancelled,
        "operation_allowed": cart.operation_allowed,
        "total": str(cart.total) if cart.total else None,
        "field": cart.field,
        "lines": [
            {
                "part_id": line.part_id,
                "auxiliary_id": line.auxiliary_id,
                "quantity": str(line.quantity),
                "unit": line.unit,
                "price": str(line.unit_price),
            }
            for line in cart.lines
        ],
    }

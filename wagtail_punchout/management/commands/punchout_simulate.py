"""A whole PunchOut visit on the command line, as a buyer's system and its user would make it."""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wagtail_punchout.testing.buyer import FakeBuyer, Reply, RequestsTransport, StepFailed
from wagtail_punchout.testing.documents import ReturnedCart, ReturnedOciLine, order_of
from wagtail_punchout.testing.oci_buyer import FakeOciBuyer, OciSettings
from wagtail_punchout.testing.options import CXML, SECRET, VERSIONS, UnusableOptions, settings_from
from wagtail_punchout.testing.shopper import Shopper
from wagtail_punchout.testing.telling import Telling

DOMAIN = "NetworkID"


class Command(BaseCommand):
    help = (
        "Visits a shop the way a buyer's procurement system does: profile, set-up, start page, cart, return; by OCI:"
        " call-up, cart, return. Prints each step with its time and what a strict buyer would not like about the cart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", nargs="?", help="the shop's PunchOut URL, or its OCI URL")
        parser.add_argument("--format", choices=[CXML, *VERSIONS], help=f"default: {CXML}, or what the file says")
        identities = parser.add_argument_group("who calls")
        identities.add_argument(
            "--sender-identity", "--username", default="", dest="sender_identity", help="the customer's user name"
        )
        identities.add_argument(
            "--secret",
            default=None,
            help="the shared secret, by OCI the password."
            f" It stays in your shell's history: rather set {SECRET} in the environment",
        )
        identities.add_argument("--demo", metavar="FILE", help="take all values from the demo's file instead")
        identities.add_argument("--customer", default="", help="which customer of that file (default: the first)")
        identities.add_argument(
            "--mode", choices=["production", "test"], help="default: production, or what the file says"
        )
        self._add_cxml_arguments(parser.add_argument_group("cXML"))
        self._add_oci_arguments(parser.add_argument_group("OCI"))
        visit = parser.add_argument_group("the visit")
        visit.add_argument("--items", type=int, default=3, help="how many articles to take (default: 3)")
        visit.add_argument("--shop-path", default="", help="a page with articles (default: look for one)")
        visit.add_argument("--cart-path", default="/cart/", help="the cart page (default: /cart/)")
        visit.add_argument("--cancel", action="store_true", help="leave without the cart")
        visit.add_argument(
            "--profile-only", action="store_true", help="only ask what the shop can do; by OCI: only sign in"
        )
        parser.add_argument("--strict", action="store_true", help="complaints count as failure")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
        parser.add_argument("--timeout", type=float, default=30)

    def _add_cxml_arguments(self, group: Any) -> None:
        group.add_argument("--from-identity", default="", help="the buyer (default: the sender identity)")
        group.add_argument("--to-identity", default="SUPPLIER", help="the shop")
        for party in ("from", "to", "sender"):
            group.add_argument(f"--{party}-domain", default=DOMAIN, help=f"default: {DOMAIN}")
        group.add_argument(
            "--operation",
            choices=["create", "edit", "inspect"],
            default="create",
            help="edit and inspect first make a cart and then come back to it",
        )
        group.add_argument(
            "--order",
            nargs="?",
            const="",
            metavar="NUMBER",
            help="afterwards order what came home, under this number or one made up; the same number is the same order",
        )
        group.add_argument("--order-url", default="", help="where orders go (default: where set-ups go)")
        group.add_argument(
            "--edit", action="store_const", const="edit", dest="operation", help="the same as --operation edit"
        )

    def _add_oci_arguments(self, group: Any) -> None:
        group.add_argument("--method", choices=["get", "post"], default="get", help="of the call-up (default: get)")
        group.add_argument("--charset", default="", help="to ask for (default: say nothing and expect ISO-8859-1)")
        group.add_argument("--target", default="", help="window or frame to ask for")
        group.add_argument(
            "--parameter", action="append", default=[], metavar="NAME=VALUE", help="a further one; may be repeated"
        )
        group.add_argument(
            "--functions",
            action="store_true",
            help="afterwards ask for the first article again: DETAIL, VALIDATE and BACKGROUND_SEARCH",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.telling = Telling(self.stdout.write, self.style, is_quiet=options["json"])
        try:
            settings = settings_from(options)
        except UnusableOptions as error:
            raise CommandError(str(error)) from error
        transport = RequestsTransport(options["timeout"])
        is_oci = isinstance(settings, OciSettings)
        self.buyer: Shopper = FakeOciBuyer(settings, transport) if is_oci else FakeBuyer(settings, transport)
        failure = ""
        try:
            self._visit_by_oci(options) if is_oci else self._visit_by_cxml(options)
        except StepFailed as failed:
            failure = str(failed)
            self.telling.steps(self.buyer, has_failed=True)
        if options["json"]:
            self.stdout.write(json.dumps(self.telling.report(self.buyer, failure), indent=2, ensure_ascii=False))
        if failure:
            raise CommandError(failure)
        if options["strict"] and self.telling.complaints:
            raise CommandError(f"{len(self.telling.complaints)} complaints, see above.")
        self.telling.good("Everything went as a buyer expects.")

    # By cXML

    def _visit_by_cxml(self, options: dict[str, Any]) -> None:
        self.buyer.ping()
        self.telling.steps(self.buyer)
        profile = self.buyer.profile()
        self._accept("profile", profile)
        for transaction in profile.answer.transactions:
            said = ", ".join(f"{name}: {value}" for name, value in transaction.options.items())
            self.telling.say(f"      {transaction.name} at {transaction.url}{f' ({said})' if said else ''}")
        if options["profile_only"]:
            return
        operation = options["operation"]
        is_last = operation == "create"
        cart = self._trip(options, "create", is_cancelled=options["cancel"] and is_last)
        if not is_last:
            later = self._trip(options, operation, cart, is_cancelled=options["cancel"] or operation == "inspect")
            cart = cart if later.is_cancelled else later
        if options["order"] is not None and cart.lines:
            self._order(cart, options["order"] or f"SIM-{secrets.token_hex(4).upper()}")

    def _order(self, cart: ReturnedCart, number: str) -> None:
        self._accept(f"order {number}", self.buyer.order(order_of(cart, number)))
        self.telling.say(f"      {number}, {len(cart.lines)} lines")

    def _trip(self, options: dict[str, Any], operation: str, before: ReturnedCart | None = None, *, is_cancelled: bool):
        reply = self.buyer.setup(operation, lines=before.lines if before else ())
        self._accept(f"setup {operation}", reply)
        self.buyer.open(reply.start_url)
        if operation == "create":
            self._fill(options)
        cart = self._go_home(options, is_cancelled=is_cancelled)
        if is_cancelled is not cart.is_cancelled:
            wanted, came = ("204", "a cart") if is_cancelled else ("a cart", "204")
            raise StepFailed("home", f"{wanted} should have come back, but it was {came}.", self.buyer.page)
        if before and not is_cancelled:
            self._compare(before, cart)
        return cart

    def _compare(self, before: ReturnedCart, after: ReturnedCart) -> None:
        """An edit without a change must not change anything: buyers find their lines by part and auxiliary ID."""
        old, new = ({(line.part_id, line.auxiliary_id) for line in cart.lines} for cart in (before, after))
        if old != new:
            sentence = f"The lines changed their names during an edit that changed nothing: {old ^ new}."
            self.telling.complain([sentence])

    def _accept(self, step: str, reply: Reply) -> None:
        self.telling.steps(self.buyer, reply.answer.verdict)
        self.telling.complain(reply.complaints)
        if not reply.is_ok:
            raise StepFailed(step, f"The shop refused: {reply.answer.verdict}")

    # By OCI

    def _visit_by_oci(self, options: dict[str, Any]) -> None:
        self.buyer.call_up()
        self.telling.steps(self.buyer)
        if options["profile_only"]:
            return
        self._fill(options)
        is_cancelled = options["cancel"]
        cart = self._go_home(options, is_cancelled=is_cancelled)
        if is_cancelled is not cart.is_empty:
            wanted, came = ("no line", "a cart") if is_cancelled else ("a cart", "no line")
            raise StepFailed("home", f"{wanted} should have come back, but it was {came}.", self.buyer.page)
        if options["functions"] and cart.lines:
            self._ask_again(cart.lines[0])

    def _ask_again(self, line: ReturnedOciLine) -> None:
        """What a buyer's system does with an article that it knows already."""
        if not line.product_id:
            self.telling.complain(["Without EXT_PRODUCT_ID nobody can ask for the article again."])
            return
        self.buyer.detail(line.product_id)
        self.telling.steps(self.buyer)
        checked = self.buyer.validate(line.product_id, f"{line.quantity:f}")
        self.telling.steps(self.buyer)
        self.telling.cart(checked)
        if [each.unit_price for each in checked.lines] != [line.unit_price]:
            self.telling.complain([f"VALIDATE has another price for {line.sku} than the cart."])
        found = self.buyer.background_search(line.sku)
        self.telling.steps(self.buyer)
        self.telling.cart(found)
        if line.sku not in {each.sku for each in found.lines}:
            self.telling.complain([f"A search for {line.sku} does not find it."])

    # In the shop

    def _fill(self, options: dict[str, Any]) -> None:
        if options["shop_path"]:
            self.buyer.go(options["shop_path"])
        shelf = self.buyer.find("add-to-cart")
        for place in range(min(options["items"], len(shelf.forms("add-to-cart")))):
            if not self.buyer.page.forms("add-to-cart"):
                self.buyer.go(shelf.url)
            self.buyer.press("add-to-cart", place)

    def _go_home(self, options: dict[str, Any], *, is_cancelled: bool):
        self.buyer.go(options["cart_path"])
        self.buyer.press("cancel" if is_cancelled else "return")
        cart = self.buyer.home()
        self.telling.steps(self.buyer)
        self.telling.cart(cart)
        return cart

"""What a simulated visit says about itself: step by step for people, or as one document for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wagtail_punchout.testing.documents import ReturnedCart, ReturnedOciCart
from wagtail_punchout.testing.shopper import Shopper, Step

Cart = ReturnedCart | ReturnedOciCart


class Telling:
    """Collects carts and complaints of a visit, and says each as it comes. ``style`` is a command's."""

    def __init__(self, write: Callable[[str], Any], style: Any, *, is_quiet: bool = False) -> None:
        self._write, self._style, self._is_quiet = write, style, is_quiet
        self._told = 0
        self.carts: list[Cart] = []
        self.complaints: list[str] = []

    def say(self, line: str) -> None:
        if not self._is_quiet:
            self._write(line)

    def good(self, line: str) -> None:
        self.say(self._style.SUCCESS(line))

    def steps(self, buyer: Shopper, verdict: str = "", *, has_failed: bool = False) -> None:
        """The steps that were not told yet. The verdict, or the failure, belongs to the last of them."""
        fresh = buyer.steps[self._told :]
        self._told = len(buyer.steps)
        for step in fresh:
            is_last = step is fresh[-1]
            mark = self._style.ERROR("FAIL") if has_failed and is_last else self._style.SUCCESS("  ok")
            self.say(f"{mark}  {step.name:<22} {step.milliseconds:8.1f} ms  {verdict if is_last else ''}".rstrip())

    def complain(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self.complaints.append(sentence)
            self.say(self._style.WARNING(f"   !  {sentence}"))

    def cart(self, cart: Cart) -> None:
        self.carts.append(cart)
        lines = _of_oci(cart) if isinstance(cart, ReturnedOciCart) else _of_cxml(cart)
        for line in lines:
            self.say(f"      {line}")
        self.complain(cart.complaints)

    def report(self, buyer: Shopper, failure: str) -> dict[str, Any]:
        return {
            "ok": not failure,
            "failure": failure,
            "steps": [_as_dict(step) for step in buyer.steps],
            "carts": [
                _oci_as_dict(cart) if isinstance(cart, ReturnedOciCart) else _cxml_as_dict(cart) for cart in self.carts
            ],
            "complaints": self.complaints,
        }


def _of_cxml(cart: ReturnedCart) -> Iterable[str]:
    if cart.is_cancelled:
        yield "cancelled: nothing changes at the buyer"
    for line in cart.lines:
        text = line.description()
        what = text.short_name or text.text
        yield f"{line.quantity} {line.unit}  {line.part_id}  {what[:50]}  {line.unit_price}"
    if cart.lines:
        yield f"total {cart.total}, in {cart.field}, {cart.operation_allowed} allowed"


def _of_oci(cart: ReturnedOciCart) -> Iterable[str]:
    if cart.is_empty:
        yield "no lines: nothing changes at the buyer"
    for line in cart.lines:
        per = f" per {line.price_unit.normalize():f}" if line.price_unit != 1 else ""
        yield f"{line.quantity} {line.unit}  {line.sku}  {line.description[:50]}  {line.price} {line.currency}{per}"
    for currency, total in cart.totals.items():
        yield f"total {total.normalize():f} {currency}, {len(cart.fields)} fields"


def _as_dict(step: Step) -> dict[str, Any]:
    return {"name": step.name, "milliseconds": round(step.milliseconds, 1)}


def _cxml_as_dict(cart: ReturnedCart) -> dict[str, Any]:
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


def _oci_as_dict(cart: ReturnedOciCart) -> dict[str, Any]:
    return {
        "cancelled": cart.is_empty,
        "totals": {currency: f"{total:f}" for currency, total in cart.totals.items()},
        "fields": len(cart.fields),
        "lines": [
            {
                "part_id": line.sku,
                "product_id": line.product_id,
                "quantity": str(line.quantity),
                "unit": line.unit,
                "price": str(line.price),
                "price_unit": str(line.price_unit),
                "currency": line.currency,
            }
            for line in cart.lines
        ],
    }

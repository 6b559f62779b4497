"""A supplier's documents and pages, written by hand: what a shop might send, good and bad."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

from wagtail_punchout.testing.browsing import Page
from wagtail_punchout.testing.documents import BuyerSettings

SETTINGS = BuyerSettings(
    from_identity="114729",
    to_identity="nordlicht",
    sender_identity="punchout@shop.example",
    secret="s3cret & <more>",
    setup_url="https://shop.example/cxml/",
    mode="test",
)
DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">'
OPEN = '<cXML payloadID="1.2@shop.example" timestamp="2026-11-22T10:00:00+01:00" xml:lang="en">'
ITEM_ID = "<SupplierPartID>KD5555</SupplierPartID><SupplierPartAuxiliaryID>L-1</SupplierPartAuxiliaryID>"
DETAIL = (
    '<UnitPrice><Money currency="EUR">763.20</Money></UnitPrice>'
    '<Description xml:lang="en"><ShortName>Desk chair</ShortName> With arms and a high back.</Description>'
    '<Description xml:lang="de-DE"><ShortName>B&#252;rostuhl</ShortName> Mit Armlehnen.</Description>'
    '<UnitOfMeasure>EA</UnitOfMeasure><Classification domain="UNSPSC">56112102</Classification>'
    "<ManufacturerPartID>EX-1</ManufacturerPartID><ManufacturerName>Excelsior</ManufacturerName>"
    '<LeadTime>3</LeadTime><Extrinsic name="Color">black</Extrinsic>'
)


def an_item(detail: str = DETAIL, item_id: str = ITEM_ID, quantity: str = "2", attributes: str = "") -> str:
    body = f"<ItemID>{item_id}</ItemID><ItemDetail>{detail}</ItemDetail>"
    return f'<ItemIn quantity="{quantity}" lineNumber="1"{attributes}>{body}</ItemIn>'


def a_message(
    *items: str, total: str = "1526.40", cookie: str = "c", status: str = "", header: str = "", opening: str = OPEN
) -> str:
    """A PunchOutOrderMessage without fault, unless a part of it is given."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n{opening}'
        '<Header><From><Credential domain="NetworkID"><Identity>nordlicht</Identity></Credential></From>'
        '<To><Credential domain="NetworkID"><Identity>114729</Identity></Credential></To>'
        '<Sender><Credential domain="NetworkID"><Identity>nordlicht</Identity></Credential>'
        '<UserAgent>Shop</UserAgent></Sender></Header><Message deploymentMode="test">'
        f"{status}<PunchOutOrderMessage><BuyerCookie>{cookie}</BuyerCookie>"
        '<PunchOutOrderMessageHeader operationAllowed="edit">'
        f'<Total><Money currency="EUR">{total}</Money></Total>{header}</PunchOutOrderMessageHeader>'
        f"{''.join(items)}</PunchOutOrderMessage></Message></cXML>"
    )


def a_cancel(cookie: str = "c") -> str:
    return a_message(total="0.00", cookie=cookie, status='<Status code="204" text="No Content"/>')


def a_response(code: str = "200", text: str = "OK", message: str = "", body: str = "") -> str:
    return f'{DOCTYPE}{OPEN}<Response><Status code="{code}" text="{text}">{message}</Status>{body}</Response></cXML>'


def a_start_page(url: str) -> str:
    return a_response(body=f"<PunchOutSetupResponse><StartPage><URL>{url}</URL></StartPage></PunchOutSetupResponse>")


def base64_of(document: str) -> str:
    return base64.b64encode(document.encode()).decode()


def a_form(name: str, action: str = "", method: str = "post", **fields: str) -> str:
    inputs = "".join(f'<input type="hidden" name="{each}" value="{escape(fields[each])}">' for each in fields)
    return f'<form data-test="{name}" action="{action}" method="{method}">{inputs}<button>Go</button></form>'


def a_page(*pieces: str, title: str = "Shop") -> bytes:
    return f"<!DOCTYPE html><title>{title}</title>{''.join(pieces)}".encode()


class Shelf:
    """A transport that answers from a dict of addresses and remembers what was asked."""

    def __init__(self, answers: Mapping[str, Page | bytes | str]) -> None:
        self.answers = dict(answers)
        self.asked: list[tuple[str, str, object]] = []

    def get(self, url: str) -> Page:
        return self._answer("GET", url, None)

    def fetch(self, url: str) -> Page:
        return self._answer("FETCH", url, None)

    def post(self, url: str, *, data: Sequence = (), body: bytes | None = None, headers: Mapping | None = None) -> Page:
        return self._answer("POST", url, list(data) if body is None else body)

    def _answer(self, method: str, url: str, sent: object) -> Page:
        self.asked.append((method, url, sent))
        answer = self.answers.get(f"{method} {url}", self.answers.get(url, Page(url, 404)))
        if isinstance(answer, str):
            answer = answer.encode()
        return answer if isinstance(answer, Page) else Page(url, 200, {"content-type": "text/html"}, answer)

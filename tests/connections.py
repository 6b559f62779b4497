"""A connected buyer, in one call: company, group, link, customer and credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from django.contrib.auth import get_user_model

from tests.secret import SECRET
from wagtail_punchout.models import (
    Company,
    Credential,
    CustomerGroup,
    Mode,
    PunchoutCustomer,
    PunchoutLink,
    company_root,
)
from wagtail_punchout.protocol.cxml import envelope, tree


@dataclass
class Connection:
    customer: PunchoutCustomer
    link: PunchoutLink
    credential: Credential
    secret: str

    @property
    def company(self) -> Company:
        return self.customer.company


def connect(
    name: str = "acme",
    *,
    secret: str = SECRET,
    mode: str = Mode.TEST,
    customer: dict[str, Any] | None = None,
    **link: Any,
) -> Connection:
    """Everything a buyer's system needs to get in. Keyword arguments go to the link."""
    company = company_root().add_child(name=name.title(), code=name, currency="EUR")
    group = CustomerGroup.objects.create(name=f"{name} buyers", company=company, mode=Mode.PRODUCTION)
    made = PunchoutLink.objects.create(
        **{"name": f"{name} cXML", "group": group, "live": True, "allow_http_return": True, **link}
    )
    user = get_user_model().objects.create_user(f"punchout-{name}@shop.example")
    who = PunchoutCustomer.objects.create(
        **{
            "name": name.title(),
            "company": company,
            "user": user,
            "group": group,
            "sender_identity": f"punchout-{name}@shop.example",
            **(customer or {}),
        }
    )
    return Connection(who, made, add_credential(who, secret=secret, mode=mode), secret)


def add_credential(
    customer: PunchoutCustomer, *, secret: str = SECRET, mode: str = Mode.TEST, **values: Any
) -> Credential:
    credential = Credential(customer=customer, mode=mode, **values)
    credential.set_secret(secret)
    credential.save()
    return credential


def setup_request(
    sender: str = "punchout-acme@shop.example",
    secret: str | None = SECRET,
    *,
    operation: str = "create",
    cookie: str = "cookie-1",
    return_url: str | None = "https://buyer.example.com/hook?id=27&x=1",
    payload_id: str = "1@buyer.example.com",
    from_identity: str = "buyer",
    body: str = "",
    request: str = "",
    language: str = "en-US",
) -> str:
    """A PunchOutSetupRequest as text, written out by hand so that it shares nothing with our codecs."""
    proof = f"<SharedSecret>{escape(secret)}</SharedSecret>" if secret is not None else ""
    form = f"<BrowserFormPost><URL>{escape(return_url)}</URL></BrowserFormPost>" if return_url is not None else ""
    inner = request or (
        f'<PunchOutSetupRequest operation="{operation}"><BuyerCookie>{cookie}</BuyerCookie>'
        f'<Extrinsic name="UserEmail">jane@example.com</Extrinsic>{form}{body}</PunchOutSetupRequest>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd">\n'
        f'<cXML payloadID="{payload_id}" timestamp="2026-11-22T10:00:00+00:00" xml:lang="{language}"><Header>'
        f'<From><Credential domain="NetworkID"><Identity>{from_identity}</Identity></Credential></From>'
        '<To><Credential domain="DUNS"><Identity>123456789</Identity></Credential></To>'
        f'<Sender><Credential domain="NetworkID"><Identity>{sender}</Identity>{proof}</Credential>'
        f"<UserAgent>Test Buyer</UserAgent></Sender></Header><Request>{inner}</Request></cXML>"
    )


def item_out(sku: str, *, quantity: str = "1", auxiliary_id: str = "") -> str:
    return (
        f'<ItemOut quantity="{quantity}"><ItemID><SupplierPartID>{sku}</SupplierPartID>'
        f"<SupplierPartAuxiliaryID>{auxiliary_id}</SupplierPartAuxiliaryID></ItemID></ItemOut>"
    )


@dataclass
class Answer:
    """A cXML Response as the buyer's system reads it."""

    code: int
    sentence: str
    start_url: str
    raw: bytes

    @property
    def start_path(self) -> str:
        return "/" + self.start_url.split("/", 3)[3]


def post(client: Any, document: str | bytes, path: str = "/punchout/cxml/", content_type: str = "text/xml") -> Answer:
    """Post a document; whatever comes back must be HTTP 200 with a readable cXML Response."""
    response = client.post(path, data=document, content_type=content_type)
    assert response.status_code == 200, response.status_code
    assert response["Content-Type"] == "text/xml; charset=UTF-8"
    return read_answer(response.content)


def read_answer(raw: bytes) -> Answer:
    answer = envelope.decode_response(tree.parse(raw))
    url = answer.body.findtext("StartPage/URL") if answer.body is not None else None
    return Answer(answer.status.code, answer.status.message, url or "", raw)

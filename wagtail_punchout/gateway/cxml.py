"""The one address for all cXML, and each customer's own.

Every answer this view controls is HTTP 200 with a cXML Status inside: anything else counts as a transport error, and
buyers' systems repeat it for hours (guide p. 34). What a request must pass, in this order, cheapest first: method and
size, the parser, the shape of the envelope, the sender; only then is anything written or asked of the shop.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from lxml import etree
from lxml.etree import _Element

from wagtail_punchout.client_address import client_address
from wagtail_punchout.conf import conf, get_adapter
from wagtail_punchout.flows.attach import store
from wagtail_punchout.flows.enter import open_session
from wagtail_punchout.flows.first_contacts import InVain, note
from wagtail_punchout.flows.identify import Caller, identify
from wagtail_punchout.flows.issue import note_use
from wagtail_punchout.flows.take_order import Incoming, take_order
from wagtail_punchout.flows.take_status import take_status_update
from wagtail_punchout.flows.throttle import is_flooding, may_keep_failure
from wagtail_punchout.gateway import body
from wagtail_punchout.models import Exchange, PunchoutSession, PurchaseOrder
from wagtail_punchout.models.exchanges import Direction
from wagtail_punchout.protocol.cxml import (
    browser_form,
    envelope,
    multipart,
    order_request,
    profile,
    setup,
    status_update,
    tree,
)
from wagtail_punchout.protocol.errors import (
    STATUS_TEXTS,
    DocumentTooLarge,
    NotAuthorized,
    NotImplementedHere,
    Refused,
    ServerFailure,
    TryLater,
    UnreadableDocument,
)
from wagtail_punchout.protocol.failures import Failure
from wagtail_punchout.shop import AdapterUnavailable

logger = logging.getLogger("wagtail_punchout.gateway")

CONTENT_TYPE = "text/xml; charset=UTF-8"
#: What stands behind the answers of an order that is kept all the same.
OF_ORDERS = {400: Failure.ORDER_DIFFERS, 409: Failure.ORDER_CONFLICT}
#: Characters kept of a document whose sender nobody knows: enough to see who tried, too little to fill a disk.
KEPT_OF_STRANGERS = 20_000


@dataclass(slots=True)
class Conversation:
    """One call, as far as it has got. What is known of it when it fails is what the admin will see."""

    at: datetime
    address: str
    path_key: str = ""
    raw: bytes = field(default=b"", repr=False)  # it holds the secret, and a report of a crash prints local names
    content_type: str = ""
    started: float = field(default_factory=time.perf_counter)
    document: tree.Document | None = None
    request: envelope.Request | None = None
    caller: Caller | None = None
    parts: multipart.Multipart | None = field(default=None, repr=False)

    @property
    def language(self) -> str:
        return (self.request.language if self.request else "") or "en"

    @property
    def version(self) -> str:
        return envelope.answer_version(self.request.dtd_version if self.request else "")

    def respond(self, status: envelope.Status, *, payload_id: str, at: datetime, body: _Element | None = None) -> bytes:
        return envelope.encode_response(
            status, payload_id=payload_id, timestamp=at, language=self.language, body=body, dtd_version=self.version
        )

    def exchange(self, **facts: object) -> Exchange:
        """The record of this call, secrets struck out; not saved."""
        sender = self.request.header.sender if self.request else ()
        return Exchange(
            direction=Direction.IN,
            kind=self.request.name[:60] if self.request else "",
            customer=self.caller.customer if self.caller else None,
            payload_id=self.request.payload_id if self.request else "",
            sender=", ".join(each.identity for each in sender)[:200],
            user_agent=self.request.header.user_agent[:200] if self.request else "",
            remote_address=self.address or None,
            document=self._readable(),
            digest=hashlib.sha256(self.raw).hexdigest(),
            size=len(self.raw),
            milliseconds=int((time.perf_counter() - self.started) * 1000),
            **facts,
        )

    def in_vain(self, refusal: Refused, exchange: Exchange | None) -> InVain:
        """The same call, as far as it tells who should be helped."""
        header = self.request.header if self.request else envelope.Header(from_=(), sender=())
        return InVain(
            code=refusal.code,
            cause=refusal.cause,
            at=self.at,
            address=self.address,
            kind=self.request.name if self.request else "",
            sender=_names(header.sender),
            from_=_names(header.from_),
            to=_names(header.to),
            user_agent=header.user_agent,
            customer=self.caller.customer if self.caller else None,
            exchange=exchange,
        )

    def _readable(self) -> str:
        if self.document is None:
            return tree.redact_text(self.raw.decode("utf-8", "replace"))
        text = etree.tostring(tree.without_secrets(self.document.root), encoding="unicode")
        return text if self.caller else text[:KEPT_OF_STRANGERS]


def _names(credentials: tuple[envelope.Credential, ...]) -> list[tuple[str, str]]:
    return [(each.domain, each.identity) for each in credentials]


@csrf_exempt
@sensitive_post_parameters()  # a document may come as a form field
def cxml_endpoint(request: HttpRequest, path_key: str = "") -> HttpResponse:
    """Answer a cXML request. GET is the guide's ping (p. 41); no other method carries a document."""
    talk = Conversation(at=timezone.now(), address=client_address(request), path_key=path_key)
    with override("en"):  # the Status is for machines and their logs: English, whatever the request's headers say
        answer = _answer(request, talk)
    response = HttpResponse(answer, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, talk: Conversation) -> bytes:
    try:
        if request.method in ("GET", "HEAD"):
            return _ok(talk, "Ping Response Message")
        if request.method != "POST":
            raise NotImplementedHere("Send the cXML document by HTTP POST.", code=Failure.METHOD)
        _read(request, talk)
        return _dispatch(talk)
    except Refused as refusal:
        return _refuse(talk, refusal)
    except AdapterUnavailable:
        sentence = "The shop cannot be asked right now. Please send the document again later."
        return _refuse(talk, TryLater(sentence, code=Failure.SHOP_UNAVAILABLE))
    except Exception:
        logger.exception("A cXML call crashed.", extra={"address": talk.address})
        return _refuse(
            talk, ServerFailure("The supplier's server failed. Nothing was changed; please send it again later.")
        )


def _read(request: HttpRequest, talk: Conversation) -> None:
    content_type = request.headers.get("Content-Type", "")
    talk.content_type = request.content_type or ""
    if multipart.is_multipart(content_type):
        talk.raw = body.read(request, talk, most=conf().MAX_ATTACHED_BYTES)
        talk.parts = multipart.split(talk.raw, content_type=content_type)
        root = b"".join(talk.parts.root.decoded_chunks())
        content_type = talk.parts.root.content_type
    elif "form" in talk.content_type:
        # Some test tools post the document as the form field that carts travel in.
        talk.raw = root = _posted_form(request)
    else:
        talk.raw = root = body.read(request, talk, most=conf().MAX_ORDER_BYTES)
    talk.document = tree.parse(root, content_type=content_type, limits=body.limits(len(root)))
    talk.request = envelope.decode_request(talk.document)


def _posted_form(request: HttpRequest) -> bytes:
    try:
        return browser_form.read_form(request.POST.items())
    except SuspiciousOperation:  # Django's own limits on forms
        raise DocumentTooLarge("The form is too large. Post the document itself, as text/xml.") from None
    except MultiPartParserError:
        # Not a failure of ours: sent again, it would be as unreadable as before.
        raise UnreadableDocument(
            "The form cannot be read. Post the document itself, as text/xml.", code=Failure.FORM
        ) from None


def _dispatch(talk: Conversation) -> bytes:
    request = talk.request
    assert request is not None  # noqa: S101  (_read has set it or raised)
    answer = ANSWERS.get(request.name)
    if request.name == "ProfileRequest" and conf().ANONYMOUS_PROFILE and _is_anonymous(request.header):
        return _answer_profile(talk)
    talk.caller = identify(
        request.header, at=talk.at, path_key=talk.path_key, mac_is_enough=request.name == "PunchOutSetupRequest"
    )
    note_use(talk.caller.credential, address=talk.address, at=talk.at)
    if answer is None:
        raise NotImplementedHere(f"{request.name} is not supported here. Supported are: {', '.join(ANSWERS)}.")
    return answer(talk)


def _is_anonymous(header: envelope.Header) -> bool:
    """No identity and no secret at all: hubs poll profiles like that. A wrong secret is not anonymous."""
    return not any(each.shared_secret or each.mac or each.identity.strip() for each in header.sender)


def _answer_profile(talk: Conversation) -> bytes:
    base = conf().base_url
    path = reverse("punchout:cxml_own", args=[talk.path_key]) if talk.path_key else reverse("punchout:cxml")
    told = profile.encode(
        profile.Profile(
            effective_date=talk.at,
            transactions=(
                profile.Transaction(
                    name="PunchOutSetupRequest",
                    url=base + path,
                    options=(
                        ("operationAllowed", "create inspect edit"),
                        ("Direct.URL", base + path),
                        ("Direct.AuthenticationMethod.CredentialMac", "Yes"),
                    ),
                ),
                profile.Transaction(
                    name="OrderRequest",
                    url=base + _order_path(talk.path_key, path),
                    options=(("attachments", "yes"), ("changes", "yes")),
                ),
                profile.Transaction(name="ProfileRequest", url=base + path, options=()),
            ),
        )
    )
    talk.exchange(sentence="OK").save()
    return _ok(talk, body=told)


def _order_path(path_key: str, otherwise: str) -> str:
    return reverse("punchout:orders", args=[path_key]) if path_key else otherwise


def _answer_setup(talk: Conversation) -> bytes:
    assert talk.request is not None and talk.document is not None and talk.caller is not None  # noqa: S101
    wanted = setup.decode_setup_request(talk.request.body)
    payload_id = talk.request.payload_id.strip()
    answered: list[bytes] = []

    def record(session: PunchoutSession) -> None:
        # Everything in the answer hangs on the session alone: a retry is given the same bytes.
        url = conf().base_url + reverse("punchout:start", args=[session.start_token])
        page = setup.setup_response(url)
        answered.append(talk.respond(OK, payload_id=f"{session.id}@{conf().host}", at=session.created_at, body=page))
        sentence = "OK" if session.created_at == talk.at else "OK, the same answer as to the first call"
        # The start URL opens the shop: it is not for those who only read documents.
        talk.exchange(session=session, sentence=sentence).save()

    open_session(
        talk.caller,
        talk.request,
        wanted,
        # An empty payloadID cannot tell a retry from a new call; a constant one can, by what else is in the document.
        retry_key=hashlib.sha256(f"{payload_id}\n{tree.fingerprint(talk.document.root)}".encode()).hexdigest()
        if payload_id
        else None,
        adapter=get_adapter(),
        at=talk.at,
        record=record,
    )
    return answered[-1]


def _answer_order(talk: Conversation) -> bytes:
    assert talk.request is not None and talk.document is not None and talk.caller is not None  # noqa: S101
    order = order_request.decode_order_request(talk.request.body)
    payload_id, attached = talk.request.payload_id.strip(), _digest_of(talk.parts)
    # Constant and empty payloadIDs occur: alone, it would take other orders for a retry.
    retry = f"{payload_id}\n{tree.fingerprint(talk.document.root)}\n{attached}"
    content = f"{order_request.content_digest(talk.request.body)}\n{attached}"

    def respond(status: int, sentence: str) -> bytes:
        return talk.respond(
            envelope.Status(code=status, text=STATUS_TEXTS[status], message="" if status == 200 else sentence),
            payload_id=_fresh_id(talk),
            at=talk.at,
        )

    def record(purchase_order: PurchaseOrder, status: int, sentence: str) -> Exchange:
        return talk.exchange(order=purchase_order, status=status, sentence=sentence, reason=OF_ORDERS.get(status, ""))

    return take_order(
        Incoming(
            caller=talk.caller,
            request=talk.request,
            order=order,
            dedup_key=hashlib.sha256(retry.encode()).hexdigest(),
            digest=hashlib.sha256(content.encode()).hexdigest(),
            at=talk.at,
            store=partial(store, order, talk.parts),
            respond=respond,
            record=record,
        )
    )


def _digest_of(parts: multipart.Multipart | None) -> str:
    """Of what came along: the same order with another drawing is another order."""
    digest = hashlib.sha256()
    for part in parts.attachments if parts else ():
        digest.update(part.body)
    return digest.hexdigest()


def _answer_status(talk: Conversation) -> bytes:
    assert talk.request is not None and talk.caller is not None  # noqa: S101
    update = status_update.decode_status_update(talk.request.body)
    purchase_order = take_status_update(talk.caller, talk.request, update, at=talk.at)
    talk.exchange(order=purchase_order, sentence="OK").save()
    return _ok(talk)


OK = envelope.Status(code=200, text="OK")

ANSWERS: dict[str, Callable[[Conversation], bytes]] = {
    "ProfileRequest": _answer_profile,
    "PunchOutSetupRequest": _answer_setup,
    "OrderRequest": _answer_order,
    "StatusUpdateRequest": _answer_status,
}


def _ok(talk: Conversation, message: str = "", body: _Element | None = None) -> bytes:
    status = envelope.Status(code=200, text="OK", message=message)
    return talk.respond(status, payload_id=_fresh_id(talk), at=talk.at, body=body)


def _refuse(talk: Conversation, refusal: Refused) -> bytes:
    if isinstance(refusal, NotAuthorized) and is_flooding(talk.address, at=talk.at):
        sentence = "Too many failed calls from this address. Try again in a minute."
        refusal = TryLater(sentence, cause=refusal.cause, code=Failure.FLOOD)
    try:
        is_kept = talk.caller is not None or may_keep_failure(at=talk.at)
        note(talk.in_vain(refusal, _keep(talk, refusal) if is_kept else None))
    except Exception:
        # The caller gets its answer even when the database is what failed.
        logger.exception("A refused cXML call could not be recorded.")
    status = envelope.Status(code=refusal.status, text=STATUS_TEXTS[refusal.status], message=refusal.sentence)
    return talk.respond(status, payload_id=_fresh_id(talk), at=talk.at)


def _keep(talk: Conversation, refusal: Refused) -> Exchange:
    exchange = talk.exchange(status=refusal.status, sentence=refusal.sentence, cause=refusal.cause, reason=refusal.code)
    exchange.save()
    return exchange


def _fresh_id(talk: Conversation) -> str:
    return f"{talk.at:%Y%m%d%H%M%S%f}.{secrets.token_hex(6)}@{conf().host}"

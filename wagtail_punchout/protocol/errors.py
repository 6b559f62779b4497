"""What can go wrong in a conversation, and whose fault it is.

::

    PunchoutError
    ├── Refused                 theirs: answered with a cXML Status and a sentence that says what to fix
    │   ├── UnacceptableContent    400  readable, but something needed is missing or wrong
    │   ├── NotAuthorized          401  unknown sender, wrong secret, switched off: one answer for all
    │   ├── NotAllowed             403  known, but this is not allowed
    │   ├── UnreadableDocument     406  not XML, not cXML, or an XML trick
    │   ├── CartNotFound           412  edit or inspect of a cart nobody remembers
    │   ├── ReferenceUnknown       417  a document is named that we do not know
    │   ├── NotImplementedHere     450  a request or operation this shop does not speak
    │   ├── DocumentTooLarge       499  over a limit
    │   ├── ServerFailure          500  our crash; the sender tries again
    │   └── TryLater               560  too many failures from that address, or maintenance
    └── ours
        ├── UnsendableCart         a cart that cXML would refuse; names the line
        └── IllegalTransition      a session asked to do what its state forbids

``Refused.sentence`` goes to the stranger, ``Refused.cause`` (the true reason, where it must not be told) only to the
admin, and so does ``Refused.code``, by which the mend is found. The statuses are those of the cXML Reference Guide
1.2.051, pp. 35-37.
"""

from __future__ import annotations

from typing import ClassVar

from wagtail_punchout.protocol.failures import Failure

STATUS_TEXTS = {
    200: "OK",
    201: "Accepted",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    406: "Not Acceptable",
    409: "Conflict",
    412: "Precondition Failed",
    417: "Expectation Failed",
    450: "Not Implemented",
    475: "Signature Required",
    476: "Signature Verification Failed",
    477: "Signature Unacceptable",
    499: "Document Size Error",
    500: "Internal Server Error",
    550: "Unable to reach cXML server",
    551: "Unable to forward request",
    560: "Temporary server error",
}


class PunchoutError(Exception):
    """Anything this package raises on purpose."""


class Refused(PunchoutError):
    """A document we do not take. ``status`` is the cXML code, ``sentence`` what its sender should do about it.

    ``code`` names the true cause; without one it is that which most refusals of this kind have.
    """

    status: ClassVar[int] = 400
    USUAL: ClassVar[Failure] = Failure.CONTENT

    def __init__(self, sentence: str, *, cause: str = "", code: Failure | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cause = cause or sentence
        self.code = code or self.USUAL


class UnacceptableContent(Refused):
    status = 400


class NotAuthorized(Refused):
    """One sentence for every stranger; the true cause is for the admin alone."""

    status = 401
    SENTENCE: ClassVar[str] = (
        "The Sender is not authorized. Check that Sender/Credential holds the identity and shared secret "
        "exactly as the supplier gave them, and that they belong to this address."
    )

    def __init__(self, cause: str, code: Failure) -> None:
        super().__init__(self.SENTENCE, cause=cause, code=code)


class NotAllowed(Refused):
    status = 403
    USUAL = Failure.NOT_ALLOWED


class UnreadableDocument(Refused):
    status = 406
    USUAL = Failure.UNREADABLE


class CartNotFound(Refused):
    status = 412
    USUAL = Failure.CART_UNKNOWN


class ReferenceUnknown(Refused):
    status = 417
    USUAL = Failure.REFERENCE_UNKNOWN


class NotImplementedHere(Refused):
    status = 450
    USUAL = Failure.NOT_SPOKEN


class DocumentTooLarge(Refused):
    status = 499
    USUAL = Failure.TOO_LARGE


class ServerFailure(Refused):
    status = 500
    USUAL = Failure.CRASH


class TryLater(Refused):
    status = 560
    USUAL = Failure.TRY_LATER


class UnsendableCart(PunchoutError):
    """A cart that cannot become a document. ``sku`` is the line at fault, empty when it is the cart as a whole."""

    def __init__(self, message: str, *, sku: str = "") -> None:
        super().__init__(message)
        self.sku = sku


class IllegalTransition(PunchoutError):
    """A session was asked to do what its state forbids."""

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a session that is {state} cannot {event}")
        self.state = state
        self.event = event

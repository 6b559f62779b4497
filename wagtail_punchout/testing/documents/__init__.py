"""The cXML documents and OCI forms of a visit, as the buyer's end writes and reads them.

A second, independent reading of the standard: nothing here imports :mod:`wagtail_punchout.protocol`, so the two ends of
a test cannot share one mistake. What is written is plain and valid; what is read is read hard: every oddity becomes a
sentence in ``complaints`` and nothing is repaired in silence.
"""

from wagtail_punchout.testing.documents.answers import Answer, Transaction, read_response
from wagtail_punchout.testing.documents.carts import (
    Charge,
    Money,
    PriceBasis,
    ReturnedCart,
    ReturnedLine,
    Text,
    read_order_message,
    read_return_form,
)
from wagtail_punchout.testing.documents.hearing import Heard, HeardLine, read_supplier_document, response
from wagtail_punchout.testing.documents.oci import ReturnedOciCart, ReturnedOciLine, read_oci_fields, read_oci_page
from wagtail_punchout.testing.documents.oci_call import OciSettings
from wagtail_punchout.testing.documents.opening import Unreadable
from wagtail_punchout.testing.documents.order_scrutiny import complaints_about
from wagtail_punchout.testing.documents.ordering import OrderedLine, OrderToSend, Written, order_of, order_request
from wagtail_punchout.testing.documents.scrutiny import complaints_for
from wagtail_punchout.testing.documents.writing import (
    STRUCK_OUT,
    Address,
    BuyerSettings,
    ItemOut,
    Setup,
    User,
    profile_request,
    punchout_setup_request,
    without_secrets,
)

__all__ = [
    "STRUCK_OUT",
    "Address",
    "Answer",
    "BuyerSettings",
    "Charge",
    "Heard",
    "HeardLine",
    "ItemOut",
    "Money",
    "OciSettings",
    "OrderToSend",
    "OrderedLine",
    "PriceBasis",
    "ReturnedCart",
    "ReturnedLine",
    "ReturnedOciCart",
    "ReturnedOciLine",
    "Setup",
    "Text",
    "Transaction",
    "Unreadable",
    "User",
    "Written",
    "complaints_about",
    "complaints_for",
    "order_of",
    "order_request",
    "profile_request",
    "punchout_setup_request",
    "read_oci_fields",
    "read_oci_page",
    "read_order_message",
    "read_response",
    "read_return_form",
    "read_supplier_document",
    "response",
    "without_secrets",
]

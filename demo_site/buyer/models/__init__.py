"""What the procurement system remembers."""

from demo_site.buyer.models.connections import (
    SHIP_TO,
    Charset,
    Connection,
    Format,
    Method,
    Mode,
    Target,
    Window,
)
from demo_site.buyer.models.orders import Announcement, Dispatch, PurchaseOrder
from demo_site.buyer.models.people import Contact, Location, Person
from demo_site.buyer.models.requisitions import (
    OPEN_STATES,
    Line,
    Outcome,
    Requisition,
    State,
    Visit,
    close_visits,
    new_key,
)

__all__ = [
    "OPEN_STATES",
    "SHIP_TO",
    "Announcement",
    "Charset",
    "Connection",
    "Contact",
    "Dispatch",
    "Format",
    "Line",
    "Location",
    "Method",
    "Mode",
    "Outcome",
    "Person",
    "PurchaseOrder",
    "Requisition",
    "State",
    "Target",
    "Visit",
    "Window",
    "close_visits",
    "new_key",
]

"""What others may want to know of. Sent after the transaction is committed.

Receivers of the first four get ``session`` (the sender is ``PunchoutSession``), those of the last two ``order`` (the
sender is ``PurchaseOrder``); what may change the outcome is a method of the adapter instead.
"""

from django.dispatch import Signal

#: A buyer's system was let in and holds a start page URL.
session_opened = Signal()
#: The user's browser has arrived; it is signed in right after.
session_started = Signal()
#: The cart is on its way home. Also gets ``quote``.
cart_transferred = Signal()
#: The user went back without taking the cart along.
session_cancelled = Signal()
#: A purchase order nobody had heard of is in the database; whether it waits for somebody, its state says.
order_received = Signal()
#: A further document has changed or cancelled it.
order_changed = Signal()

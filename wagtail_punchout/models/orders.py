"""Purchase orders, as they stand now and as each document said it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.conf import conf
from wagtail_punchout.models.addresses import Address
from wagtail_punchout.models.companies import Company
from wagtail_punchout.models.credentials import Credential
from wagtail_punchout.models.customers import PunchoutCustomer
from wagtail_punchout.models.exchanges import Exchange
from wagtail_punchout.models.links import PunchoutLink
from wagtail_punchout.models.modes import Mode
from wagtail_punchout.models.quotes import QuoteLine

if TYPE_CHECKING:
    from wagtail_punchout.protocol.order import Order

#: The longest order number that is taken; part of the key that keeps an order single.
LONGEST_NUMBER = 255


class OrderState(models.TextChoices):
    HELD = "held", _("held for a person")
    ACCEPTED = "accepted", _("accepted")
    HANDED_OVER = "handed_over", _("in the shop")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class Action(models.TextChoices):
    """What an OrderRequest is for."""

    NEW = "new", _("new order")
    UPDATE = "update", _("change")
    DELETE = "delete", _("cancellation")


class Reason(models.TextChoices):
    """Why a person should look at an order. Facts stand beside the code in ``PurchaseOrder.reasons``."""

    DIFFERS = "differs", _("It differs from the returned cart.")
    NO_QUOTE = "no_quote", _("Lines of it belong to no returned cart.")
    TODAY_DIFFERS = "today_differs", _("Prices or availability have changed since the cart was returned.")
    TOTAL = "total", _("The total is not the sum of the lines.")
    SHIP_TO = "ship_to", _("It goes to an address that this customer has never ordered to.")
    NOT_SHARED = "not_shared", _("It goes to an address that is not one of its group's.")
    KEY_IN_ADDRESS = "key_in_address", _("Its key has travelled in a web address (OCI by GET): others may know it.")
    ORDER_TYPE = "order_type", _("It is no regular order, such as a blanket order.")
    ATTACHMENT = "attachment", _("An attachment is missing or was not taken.")
    UPDATE_FIRST = "update_first", _("A change came before the order itself.")
    DELETE_FIRST = "delete_first", _("A cancellation came before the order itself.")
    AFTER_REFUSAL = "after_refusal", _("It came again, changed, after somebody had refused it.")
    AFTER_CANCEL = "after_cancel", _("A document came after the order was cancelled.")
    BACK = "back", _("An earlier change came once more: it is wanted again, or was delayed on its way.")
    LATE = "late", _("An older version came after a newer one and was not applied.")
    CONFLICT = "conflict", _("The same version came again with other content, which was refused.")
    CHANGED_AFTER_HAND_OVER = "changed_after_hand_over", _("The buyer changed it after it was handed to the shop.")
    CANCELLED_AFTER_HAND_OVER = "cancelled_after_hand_over", _("The buyer cancelled it after it was handed over.")
    REFUSED_MEANWHILE = "refused_meanwhile", _("Somebody refused it while the shop was taking it: the shop has it.")
    MAY_BE_IN_SHOP = "may_be_in_shop", _("The shop was asked, and its answer is not known: look there.")
    AFTER_ERP = "after_erp", _("The buyer changed or cancelled it after an ERP had taken it.")
    SHOP_REFUSED = "shop_refused", _("The shop did not take it.")
    HAND_OVER_FAILED = "hand_over_failed", _("Handing it to the shop has failed for good.")
    BY_HAND = "by_hand", _("Somebody holds it.")


class Verdict(models.TextChoices):
    """What became of one OrderRequest."""

    APPLIED = "applied", _("applied")
    SAME = "same", _("the same again")
    CONFLICT = "conflict", _("refused: other content under the same version")
    LATE = "late", _("kept, not applied")
    REFUSED = "refused", _("refused by the link's rule")


class PurchaseOrder(models.Model):
    """One order of one buyer, whatever number of documents speak of it.

    ``key`` is its name towards the shop and other systems; it never changes. The buyer's own ``number`` is unique only
    within one buyer and one mode: a test order never meets a real one. ``header`` is what the current version says
    beside its lines (:func:`wagtail_punchout.protocol.order.header_json`).
    """

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        PunchoutCustomer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    company = models.ForeignKey(Company, verbose_name=_("company"), on_delete=models.PROTECT, related_name="orders")
    link = models.ForeignKey(
        PunchoutLink, verbose_name=_("link"), null=True, on_delete=models.PROTECT, related_name="orders"
    )
    credential = models.ForeignKey(
        Credential, verbose_name=_("credential"), null=True, on_delete=models.SET_NULL, related_name="orders"
    )
    mode = models.CharField(_("mode"), max_length=10, choices=Mode)
    routed_by = models.CharField(_("routed by"), max_length=200, blank=True, default="")
    parties = models.JSONField(_("header"), default=dict, blank=True)
    language = models.CharField(_("language"), max_length=35, blank=True)
    buyer = models.CharField(_("buyer"), max_length=200, blank=True)
    buyer_key = models.CharField(max_length=200, blank=True, editable=False)

    number = models.CharField(_("order number"), max_length=LONGEST_NUMBER)
    version = models.PositiveIntegerField(_("version"), default=1)
    ordered_at = models.DateTimeField(_("ordered"), null=True)
    order_type = models.CharField(_("order type"), max_length=40, default="regular")
    requisition = models.CharField(_("requisition"), max_length=255, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    total = models.DecimalField(_("total"), max_digits=24, decimal_places=4, null=True)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    requested_delivery = models.DateTimeField(_("wanted by"), null=True)
    ship_to = models.JSONField(_("ship to"), null=True, blank=True)
    bill_to = models.JSONField(_("bill to"), null=True, blank=True)
    address = models.ForeignKey(
        Address, verbose_name=_("delivery address"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    header = models.JSONField(_("all that its header says"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    current = models.ForeignKey(
        "OrderDocument", verbose_name=_("current document"), null=True, on_delete=models.SET_NULL, related_name="+"
    )

    state = models.CharField(_("state"), max_length=12, choices=OrderState)
    # A person has said yes to this version: no rule holds it again.
    approved_version = models.PositiveIntegerField(null=True, editable=False)
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    needs_person = models.BooleanField(_("needs a person"), default=False)
    differs = models.BooleanField(_("differs"), default=False)

    shop_number = models.CharField(_("number in the shop"), max_length=100, blank=True)
    shop_url = models.CharField(_("page in the shop"), max_length=500, blank=True)
    handed_over_at = models.DateTimeField(_("handed over"), null=True)
    handed_version = models.PositiveIntegerField(_("version handed over"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    erp_number = models.CharField(_("number in the ERP"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("received"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "mode", "buyer_key", "number"], name="punchout_order_once"),
            models.CheckConstraint(condition=models.Q(state__in=OrderState.values), name="punchout_order_state"),
            # Whatever code asks for it: no test order has ever been in the shop or in an ERP.
            models.CheckConstraint(
                condition=~models.Q(mode=Mode.TEST)
                | models.Q(handed_over_at=None, shop_number="") & ~models.Q(state=OrderState.HANDED_OVER),
                name="punchout_test_order_stays_out",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="punchout_order_newest"),
            models.Index(fields=["customer", "-created_at"], name="punchout_order_customer"),
            models.Index(fields=["-created_at"], name="punchout_order_needs", condition=models.Q(needs_person=True)),
            models.Index(fields=["number"], name="punchout_order_number"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_test(self) -> bool:
        return self.mode == Mode.TEST

    @property
    def is_cancelled(self) -> bool:
        """Whether the buyer has cancelled it, also when the shop still has it."""
        return self.state == OrderState.CANCELLED or self.has_reason(Reason.CANCELLED_AFTER_HAND_OVER)

    def has_reason(self, code: str) -> bool:
        return any(each["code"] == code for each in self.reasons)

    def add_reason(self, code: str, **facts: object) -> None:
        """A person should look at it because of ``code``; does not save. What is there already is said once."""
        self.reasons = [*(each for each in self.reasons if each["code"] != code), {"code": str(code), **facts}]
        self.needs_person = True

    def drop_reasons(self, *codes: str) -> None:
        """These, or all when none is named, have been dealt with; does not save. What was seen to stays seen to."""
        self.reasons = [each for each in self.reasons if codes and each["code"] not in codes]
        self.needs_person = self.needs_person and bool(self.reasons)

    def order(self) -> Order:
        """What the buyer ordered, with all lines, in the protocol's words."""
        from wagtail_punchout.protocol.order import order_from

        return order_from(self.header, (each.data for each in self.lines.all()))


class OrderDocument(models.Model):
    """One OrderRequest, with the answer it got: the same document again is given the same bytes.

    ``dedup_key`` knows a retry by payloadID and content, ``digest`` the same content under another payloadID.
    """

    order = models.ForeignKey(
        PurchaseOrder, verbose_name=_("order"), on_delete=models.CASCADE, related_name="documents"
    )
    customer = models.ForeignKey(
        PunchoutCustomer, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    exchange = models.OneToOneField(
        Exchange, verbose_name=_("document"), null=True, on_delete=models.SET_NULL, related_name="order_document"
    )
    dedup_key = models.CharField(max_length=64, editable=False)
    payload_id = models.TextField(_("payload ID"), blank=True)
    digest = models.CharField(max_length=64, editable=False)
    action = models.CharField(_("what for"), max_length=10, choices=Action)
    given_version = models.PositiveIntegerField(_("version given"), null=True)
    version = models.PositiveIntegerField(_("version"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    status = models.PositiveSmallIntegerField(_("status"), default=200)
    answer = models.TextField(_("answer"))
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["received_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "dedup_key"], name="punchout_order_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.version}"


class OrderLine(models.Model):
    """One line of the current version. ``number`` is the buyer's and never changes; later documents speak by it."""

    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField(_("position"))
    number = models.PositiveIntegerField(_("line"))
    parent_number = models.PositiveIntegerField(_("belongs to line"), null=True)
    sku = models.CharField(_("part number"), max_length=255, blank=True)
    auxiliary_id = models.TextField(_("auxiliary ID"), blank=True)
    buyer_part_id = models.CharField(_("buyer's part number"), max_length=255, blank=True)
    description = models.TextField(_("description"), blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=18, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    # For one ordered unit, whatever number of them the buyer's price is for.
    unit_price = models.DecimalField(_("unit price"), max_digits=24, decimal_places=10, null=True)
    amount = models.DecimalField(_("amount"), max_digits=24, decimal_places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    requested_delivery = models.DateTimeField(_("wanted by"), null=True)
    quote_line = models.ForeignKey(
        QuoteLine,
        verbose_name=_("line of the returned cart"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="order_lines",
    )
    differences = models.JSONField(_("differences"), default=list, blank=True)
    data = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["order", "position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="punchout_order_position")]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity.normalize():f} {self.unit}"


class AttachmentFolder(FileSystemStorage):
    """A folder that is served by nobody; the setting is read at each use."""

    def __init__(self) -> None:
        super().__init__(base_url=None)

    @property
    def base_location(self) -> str:
        return str(conf().attachment_dir)

    @property
    def location(self) -> str:
        return str(conf().attachment_dir.resolve())


def attachment_storage() -> Storage:
    """Where attachments are kept: the storage ``punchout_attachments`` of ``STORAGES``, else a folder of our own.

    Never the media folder: what strangers send must not be served as it is.
    """
    try:
        return storages["punchout_attachments"]
    except InvalidStorageError:
        return AttachmentFolder()


def attachment_path(attachment: OrderAttachment, name: str) -> str:
    """A name of our own: the one that was sent is a label and never a path."""
    return str(Path("orders") / f"{timezone.now():%Y/%m}" / uuid.uuid4().hex)


class OrderAttachment(models.Model):
    """A file that came with an order, or the mention of one that could not be taken (``problem`` says why)."""

    order = models.ForeignKey(
        PurchaseOrder, verbose_name=_("order"), on_delete=models.CASCADE, related_name="attachments"
    )
    document = models.ForeignKey(
        OrderDocument, null=True, on_delete=models.SET_NULL, related_name="attachments", editable=False
    )
    line_number = models.PositiveIntegerField(_("line"), null=True)
    content_id = models.TextField(_("content ID"), blank=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    media_type = models.CharField(_("type"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True)
    file = models.FileField(_("file"), storage=attachment_storage, upload_to=attachment_path, blank=True)
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name or self.content_id

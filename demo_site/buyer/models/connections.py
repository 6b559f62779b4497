"""Suppliers: their shops, and how we introduce ourselves there."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail_punchout.testing.documents import Address, BuyerSettings, OciSettings, User


class Window(models.TextChoices):
    SAME = "same", _("This tab")
    NEW = "new", _("New window")
    FRAME = "frame", _("Frame")


class Mode(models.TextChoices):
    PRODUCTION = "production", _("Production")
    TEST = "test", _("Test")


class Format(models.TextChoices):
    CXML = "cxml", "cXML"
    OCI3 = "oci3", "OCI 3.0"
    OCI4 = "oci4", "OCI 4.0"
    OCI5 = "oci5", "OCI 5.0"


class Method(models.TextChoices):
    GET = "get", "GET"
    POST = "post", "POST"


class Charset(models.TextChoices):
    UNSAID = "", _("Not said: ISO-8859-1")
    UTF_8 = "utf-8", "UTF-8"
    ISO_8859_1 = "iso-8859-1", "ISO-8859-1"
    ISO_8859_15 = "iso-8859-15", "ISO-8859-15"
    WINDOWS_1252 = "windows-1252", "Windows-1252"


# Our frame and our second window have this name, so that a cart can be sent to it.
FRAME_NAME = "kontor-shop"
SHIP_TO = ("address_id", "address_name", "street", "postal_code", "city", "country_code")


class Target(models.TextChoices):
    UNSAID = "", _("Not said")
    SELF = "_self", _("The window or frame of the shop (_self)")
    PARENT = "_parent", _("The frame around the shop (_parent)")
    TOP = "_top", _("The whole window (_top)")
    BLANK = "_blank", _("A new window (_blank)")
    NAMED = FRAME_NAME, _("Our frame by its name (kontor-shop)")


class Connection(models.Model):
    """A supplier's shop and how we introduce ourselves there."""

    company = models.CharField(_("Our company"), max_length=200, help_text=_("On whose behalf we buy."))
    name = models.CharField(_("Connection name"), max_length=200)
    supplier = models.CharField(_("Shop"), max_length=200, blank=True, help_text=_("The shop's name, for people."))
    mode = models.CharField(_("Mode"), max_length=10, choices=Mode, default=Mode.PRODUCTION)
    format = models.CharField(_("Format"), max_length=10, choices=Format, default=Format.CXML)

    sender_domain = models.CharField(_("Sender domain"), max_length=100, default="NetworkID")
    sender_identity = models.CharField(_("Sender identity"), max_length=255, help_text=_("OCI calls it the user name."))
    secret = models.CharField(_("Shared secret"), max_length=255, help_text=_("OCI calls it the password."))
    from_domain = models.CharField(_("From domain"), max_length=100, default="NetworkID")
    from_identity = models.CharField(_("From identity"), max_length=255, blank=True)
    to_domain = models.CharField(_("To domain"), max_length=100, default="NetworkID")
    to_identity = models.CharField(_("To identity"), max_length=255, blank=True)
    setup_url = models.URLField(_("PunchOut URL"), max_length=500, blank=True)
    order_url = models.URLField(_("Purchase order request URL"), max_length=500, blank=True)

    oci_url = models.URLField(_("OCI URL"), max_length=500, blank=True, help_text=_("Where the shop is called up."))
    method = models.CharField(_("Call up by"), max_length=10, choices=Method, default=Method.GET)
    charset = models.CharField(
        _("Charset of the cart"), max_length=20, choices=Charset, blank=True, help_text=_("As we ask for it.")
    )
    target = models.CharField(
        _("Return the cart to"), max_length=20, choices=Target, blank=True, help_text=_("As we ask for it.")
    )
    parameters = models.TextField(
        _("Further call parameters"),
        blank=True,
        help_text=_("One per line: Name=Value. They go to the shop as they are."),
    )

    needs_approval = models.BooleanField(
        _("Requisitions need approval"),
        default=False,
        help_text=_("Somebody else has to approve them before one of our purchasers can order."),
    )
    window = models.CharField(_("Open the shop in"), max_length=10, choices=Window, default=Window.SAME)
    first_name = models.CharField(_("First name"), max_length=100, blank=True, default="Robin")
    last_name = models.CharField(_("Last name"), max_length=100, blank=True, default="Vogel")
    email = models.EmailField(_("E-mail"), blank=True, default="robin.vogel@example.com")
    unique_name = models.CharField(_("Unique name"), max_length=100, blank=True, default="rvogel")
    extrinsics = models.TextField(
        _("Further extrinsics"), blank=True, default="CostCenter=4711", help_text=_("One per line: Name=Value.")
    )

    address_id = models.CharField(_("Address ID"), max_length=100, blank=True, default="BER-01")
    address_name = models.CharField(_("Recipient"), max_length=200, blank=True)
    street = models.CharField(_("Street"), max_length=200, blank=True, default="Speicherstraße 8")
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True, default="10317")
    city = models.CharField(_("City"), max_length=100, blank=True, default="Berlin")
    country_code = models.CharField(_("Country"), max_length=2, blank=True, default="DE", help_text=_("ISO code."))

    class Meta:
        ordering = ["company", "name", "mode"]
        constraints = [models.UniqueConstraint(fields=["company", "name", "mode"], name="one_connection_per_name")]
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("supplier", args=[self.pk])

    @property
    def shop(self) -> str:
        return self.supplier or self.to_identity or self.name

    @property
    def is_oci(self) -> bool:
        return self.format != Format.CXML

    @property
    def address(self) -> str:
        """Where the shop is asked in."""
        return self.oci_url if self.is_oci else self.setup_url

    def as_oci_settings(self, user: User | None = None) -> OciSettings:
        """``user``: who goes there, where we know more than the one that all share."""
        return OciSettings(
            oci_url=self.oci_url,
            username=self.sender_identity,
            password=self.secret,
            version=self.get_format_display().removeprefix("OCI "),
            method=self.method,
            charset=self.charset,
            target=self.target,
            extra=_named_values(self.parameters) | (_as_parameters(user) if user else {}),
        )

    def as_settings(self) -> BuyerSettings:
        names = BuyerSettings.__dataclass_fields__
        return BuyerSettings(**{name: getattr(self, name) for name in names})

    def as_user(self) -> User:
        return User(**{name: getattr(self, name) for name in User.__dataclass_fields__})

    def as_address(self, **changed: str) -> Address | None:
        """Where goods go; what is ``changed`` holds instead of the settings."""
        given = {name: getattr(self, name) for name in SHIP_TO} | changed
        if not (given["address_id"] or given["street"]):
            return None
        return address_of(given, recipient=self.company, deliver_to=self.as_user().full_name)

    def as_extrinsics(self) -> dict[str, str]:
        return _named_values(self.extrinsics)


def address_of(given: Mapping[str, str], *, recipient: str, deliver_to: str = "", email: str = "") -> Address:
    """The fields of a form as an address; ``given`` has the names of ``SHIP_TO``."""
    return Address(
        address_id=given["address_id"],
        name=given["address_name"] or recipient,
        deliver_to=(deliver_to,) if deliver_to else (),
        street=(given["street"],),
        city=given["city"],
        postal_code=given["postal_code"],
        country_code=given["country_code"],
        email=email,
    )


def _as_parameters(user: User) -> dict[str, str]:
    """OCI has no names for a person. These are what most shops look for."""
    given = {
        "userid": user.unique_name,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
    }
    return {name: value for name, value in given.items() if value}


def _named_values(lines: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines.splitlines())
    return {name.strip(): value.strip() for name, _sign, value in pairs if name.strip()}

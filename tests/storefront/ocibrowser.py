"""A browser that comes with an OCI call, written out by hand: it shares nothing with our own reading and writing."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from django.test import Client

from tests.connections import SECRET

HOOK = "https://buyer.example.com/hook?sap-client=100&id=27"
USER = "punchout-acme@shop.example"

_FORM = re.compile(r'<form(?P<attributes>[^>]*data-test="(?P<name>[\w-]+)"[^>]*)>(?P<inner>.*?)</form>', re.DOTALL)
_INPUT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@dataclass
class Form:
    """A form as a browser reads it."""

    action: str
    method: str
    target: str
    fields: list[tuple[str, str]]

    @property
    def items(self) -> dict[str, str]:
        return {name: value for name, value in self.fields if name.startswith("NEW_ITEM-")}


def read_form(page: str, name: str = "home") -> Form:
    found = next((each for each in _FORM.finditer(page) if each["name"] == name), None)
    assert found, f"no form {name} in {page[:2000]}"
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', found["attributes"]))
    fields = [(html.unescape(key), html.unescape(value)) for key, value in _INPUT.findall(found["inner"])]
    return Form(
        html.unescape(attributes.get("action", "")),
        attributes.get("method", "get"),
        attributes.get("target", ""),
        fields,
    )


@dataclass
class Browser:
    client: Client = field(default_factory=Client)
    landed: str = ""

    def call(self, path: str = "/ocihome", *, method: str = "get", **parameters: str | None):
        """The call-up; ``None`` leaves a parameter out."""
        given = {"username": USER, "password": SECRET, "hook_url": HOOK, **parameters}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        if method == "get":
            return self.client.get(f"{path}?{query}")
        return self.client.post(path, data=query, content_type="application/x-www-form-urlencoded")

    def enter(self, path: str = "/ocihome", **parameters: str | None) -> str:
        """The same, into the shop; answers the path of its first page."""
        response = self.call(path, **parameters)
        assert response.status_code == 303, response.content.decode()
        response = self.client.get(response["Location"])
        assert response.status_code == 302, response.content.decode()
        self.landed = response["Location"]
        return urlsplit(self.landed).path

    def put(self, sku: str, quantity: str = "1") -> None:
        assert self.client.post("/cart/add/", {"sku": sku, "quantity": quantity}).status_code in (200, 302)

    def press(self, name: str, page: str = "/cart/"):
        form = read_form(self.client.get(page).content.decode(), name)
        return self.client.post(form.action, dict(form.fields))

    def home(self, name: str = "return") -> Form:
        """Press return (or cancel) and read the form that carries the cart home."""
        response = self.press(name)
        assert response.status_code == 303, response.content.decode()
        return read_form(self.page(response["Location"]))

    def page(self, path: str) -> str:
        response = self.client.get(path)
        return response.content.decode(response.charset)

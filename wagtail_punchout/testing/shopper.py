"""The browser's part of a visit: somebody who walks through a shop's pages, whatever brought them there.

Every step either works or raises :class:`StepFailed` with a sentence that says what the shop did instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from wagtail_punchout.testing.browsing import Form, Page, Transport, encode_form

MOST_REDIRECTS = 10
_T = TypeVar("_T")


class StepFailed(AssertionError):
    """The shop did something else than a buyer may expect. ``page`` is what it answered, where it did."""

    def __init__(self, step: str, sentence: str, page: Page | None = None) -> None:
        super().__init__(f"{step}: {sentence}")
        self.step, self.sentence, self.page = step, sentence, page


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a visit and how long the shop took for it."""

    name: str
    milliseconds: float


class Shopper:
    """What the buyers of all formats do with a browser. ``page`` is what it shows now."""

    __slots__ = ()

    transport: Transport
    page: Page | None
    steps: list[Step]

    @property
    def entrance(self) -> str:
        """The address of the shop to which relative ones belong as long as no page is shown."""
        raise NotImplementedError

    def go(self, url: str) -> Page:
        """Open an address, absolute or relative to the page shown."""
        with self._step(f"go {urlsplit(url).path or url}"):
            return self._browse("go", urljoin(self.page.url if self.page else self.entrance, url))

    def press(self, name: str, n: int = 0, **fields: str) -> Page:
        """Send the ``n``-th form marked ``data-test="name"``, with some fields typed over."""
        with self._step(name):
            return self._submit(name, self.form(name, n), **fields)

    def find(self, name: str, most: int = 40) -> Page:
        """Look for a form of that mark here and, breadth first, behind the links of this site."""
        with self._step(f"find {name}"):
            known = [self.page.url] if self.page else []
            for place in range(most):
                if self.page and self.page.forms(name):
                    return self.page
                known += [url for url in self._links() if url not in known]
                if place + 1 >= len(known):
                    break
                self.page = self.transport.get(known[place + 1])
        raise StepFailed(name, f"No page with a form data-test=“{name}” among {len(known)} of the shop.", self.page)

    def form(self, name: str, n: int = 0) -> Form:
        """The ``n``-th form of that mark on the page shown."""
        forms = self.page.forms(name) if self.page else []
        if n >= len(forms):
            shown = f"“{self.page.title}” at {self.page.url}" if self.page else "no page"
            raise StepFailed(name, f"No form number {n + 1} with data-test=“{name}” on {shown}.", self.page)
        return forms[n]

    def _press_start(self, step: str) -> Page:
        """From the page that a visit opens with into the shop: its button is pressed where it waits for one."""
        for _ in range(3):  # the start page may be followed by one that looks for cookies
            form = next(iter(self.page.forms("start")), None)
            if form is None:
                return self.page
            self._submit(step, form)
        raise StepFailed(step, "The start page shows its button again and again.", self.page)

    def _browse(self, step: str, url: str) -> Page:
        return self._arrive(step, self.transport.get(url))

    def _submit(self, step: str, form: Form, **fields: str) -> Page:
        data = form.filled(**fields)
        if form.method != "post":
            return self._browse(step, f"{form.action.split('?')[0]}?{encode_form(data)}")
        return self._arrive(step, self.transport.post(form.action, data=data, headers=self._origin()))

    def _links(self) -> list[str]:
        is_page = self.page and self.page.headers.get("content-type", "").startswith("text/html")
        return self.page.links() if is_page else []

    def _origin(self) -> dict[str, str]:
        parts = urlsplit(self.page.url)
        return {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": self.page.url}

    def _arrive(self, step: str, page: Page) -> Page:
        for _ in range(MOST_REDIRECTS):
            self.page = page
            if not page.redirect:
                break
            if page.status in {307, 308}:
                raise StepFailed(step, f"HTTP {page.status} asks to send the form again to {page.redirect}.", page)
            page = self.transport.get(page.redirect)
        if page.redirect:
            raise StepFailed(step, f"More than {MOST_REDIRECTS} redirects.", page)
        if page.status != 200:
            said = f" and the page “{page.title}”" if page.title else ""
            raise StepFailed(step, f"The shop answered HTTP {page.status}{said} at {page.url}.", page)
        return page

    def _timed(self, name: str, work: Callable[[], _T]) -> _T:
        with self._step(name):
            return work()

    @contextmanager
    def _step(self, name: str):
        began = time.perf_counter()
        try:
            yield
        except OSError as error:  # requests' errors are among them
            raise StepFailed(name, f"The shop cannot be reached: {error}") from error
        finally:
            self.steps.append(Step(name, (time.perf_counter() - began) * 1000))

"""Our people and the places where they work, and whose turn it is at the screen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from demo_site.buyer.acting import act_as
from demo_site.buyer.models import Connection, Location, Person
from demo_site.buyer.people_forms import LocationForm, PersonForm


@require_POST
def you_are(request: HttpRequest) -> HttpResponse:
    """Go on as somebody else, on the same page."""
    given = request.POST.get("person", "")
    is_number = given.isascii() and given.isdigit() and len(given) < 18
    act_as(request, Person.objects.filter(pk=given).first() if is_number else None)
    after = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}, require_https=False)
    return redirect(after if is_ours else "home")


@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    context = {
        "persons": Person.objects.select_related("location"),
        "locations": Location.objects.select_related("purchaser"),
        "has_companies": Connection.objects.exists(),
        "section": "people",
    }
    return render(request, "buyer/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    return _edit(request, PersonForm, pk, title=_("New user"), delete="person_delete")


@require_http_methods(["GET", "HEAD", "POST"])
def location(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    return _edit(request, LocationForm, pk, title=_("New location"), delete="location_delete")


@require_POST
def person_delete(request: HttpRequest, pk: int) -> HttpResponse:
    return _delete(request, Person, pk)


@require_POST
def location_delete(request: HttpRequest, pk: int) -> HttpResponse:
    return _delete(request, Location, pk)


def _edit(request: HttpRequest, form_class: type[ModelForm], pk: int | None, **context: Any) -> HttpResponse:
    found = get_object_or_404(form_class.Meta.model, pk=pk) if pk else None
    form = form_class(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, _("“%(name)s” was saved.") % {"name": saved})
        return redirect("people")
    return render(request, "buyer/person.html", {"form": form, "found": found, "section": "people", **context})


def _delete(request: HttpRequest, model: type[models.Model], pk: int) -> HttpResponse:
    found = get_object_or_404(model, pk=pk)
    name = str(found)
    found.delete()
    messages.success(request, _("“%(name)s” was deleted.") % {"name": name})
    return redirect("people")

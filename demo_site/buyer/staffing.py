"""People and locations of the demo's companies. Who knows nobody buys as before: as the user of the connection."""

from __future__ import annotations

from demo_site.buyer.models import Connection, Contact, Location, Person

SCHOOLS = "Lakeside School District"

# Their IDs are those by which the demo shop's staff tell the schools apart.
LOCATIONS = (
    {
        "name": "Lakeside High School",
        "address_id": "LHS-01",
        "street": "Lakeside Drive 1",
        "postal_code": "20457",
        "city": "Hamburg",
        "contact": Contact.REQUESTER,
        "allows_other_address": False,
    },
    {
        "name": "Willow Creek Elementary",
        "address_id": "WCE-01",
        "street": "Willow Lane 12",
        "postal_code": "21073",
        "city": "Hamburg",
        "contact": Contact.PURCHASER,
        "allows_other_address": True,
    },
)
# The last is where they work.
PEOPLE = (
    ("Mia", "Torres", "requests", "Lakeside High School"),
    ("Noah", "Kim", "requests", "Willow Creek Elementary"),
    ("Ada", "Brandt", "approves", "Lakeside High School"),
    ("Omar", "Reyes", "orders", "Lakeside High School"),
)


def staff(connections: list[Connection]) -> None:
    """Once: later on, people are the buyer's own affair."""
    ours = [each for each in connections if each.company == SCHOOLS]
    if not ours or Location.objects.filter(company=SCHOOLS).exists():
        return
    Connection.objects.filter(pk__in=[each.pk for each in ours]).update(needs_approval=True)
    locations = {each["name"]: Location.objects.create(company=SCHOOLS, **each) for each in LOCATIONS}
    for first_name, last_name, task, place in PEOPLE:
        person = Person.objects.create(
            company=SCHOOLS,
            first_name=first_name,
            last_name=last_name,
            email=f"{first_name}.{last_name}@lakeside.example".lower(),
            unique_name=f"{first_name[0]}{last_name}".lower(),
            location=locations[place],
            may_approve=task == "approves",
            may_purchase=task == "orders",
        )
        if person.may_purchase:
            Location.objects.filter(company=SCHOOLS).update(purchaser=person)

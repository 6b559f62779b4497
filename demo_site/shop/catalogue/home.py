"""What stands on the home page."""

from wagtail.models import Page

FEATURED = ["NL-10100", "NL-20300-M", "NL-30210", "NL-50200"]

HERO = {
    "title": "Everything a working day uses up",
    "title_de": "Alles, was ein Arbeitstag verbraucht",
    "text": "Office, laboratory, workshop, cleaning and IT from one warehouse, at your company’s prices.",
    "text_de": "Büro, Labor, Werkstatt, Reinigung und IT aus einem Lager, zu den Preisen Ihrer Firma.",
}

PROMISES = [
    {
        "title": "Your prices",
        "title_de": "Ihre Preise",
        "text": "Agreed prices are on every page, not in a table that somebody mailed in March.",
        "text_de": "Vereinbarte Preise stehen auf jeder Seite, nicht in einer Tabelle aus dem März.",
    },
    {
        "title": "Your procurement system",
        "title_de": "Ihr Einkaufssystem",
        "text": "Shop here, approve and order there: the cart travels back by PunchOut.",
        "text_de": "Hier auswählen, dort genehmigen und bestellen: Der Warenkorb reist per PunchOut zurück.",
    },
    {
        "title": "Tomorrow, mostly",
        "title_de": "Meistens morgen",
        "text": "What is in stock leaves today if you order before 4 p.m.",
        "text_de": "Was am Lager ist und bis 16 Uhr bestellt wird, geht heute noch hinaus.",
    },
]


def home_body(featured: list[Page]) -> list[tuple[str, object]]:
    return [
        ("hero", HERO),
        ("categories", None),
        ("featured", {"title": "Often ordered", "title_de": "Oft bestellt", "products": featured}),
        ("promises", {"promises": PROMISES}),
    ]

"""How people call the units that machines know by their UN/ECE Recommendation 20 code."""

from django.utils.translation import pgettext_lazy

#: One of it, and several.
UNITS = {
    "EA": (pgettext_lazy("unit", "piece"), pgettext_lazy("unit", "pieces")),
    "PR": (pgettext_lazy("unit", "pair"), pgettext_lazy("unit", "pairs")),
    "SET": (pgettext_lazy("unit", "set"), pgettext_lazy("unit", "sets")),
    "PK": (pgettext_lazy("unit", "pack"), pgettext_lazy("unit", "packs")),
    "BX": (pgettext_lazy("unit", "box"), pgettext_lazy("unit", "boxes")),
    "CT": (pgettext_lazy("unit", "carton"), pgettext_lazy("unit", "cartons")),
    "RM": (pgettext_lazy("unit", "ream"), pgettext_lazy("unit", "reams")),
    "RO": (pgettext_lazy("unit", "roll"), pgettext_lazy("unit", "rolls")),
    "BG": (pgettext_lazy("unit", "bag"), pgettext_lazy("unit", "bags")),
    "BO": (pgettext_lazy("unit", "bottle"), pgettext_lazy("unit", "bottles")),
    "CA": (pgettext_lazy("unit", "canister"), pgettext_lazy("unit", "canisters")),
    "TU": (pgettext_lazy("unit", "tube"), pgettext_lazy("unit", "tubes")),
    "KGM": ("kg", "kg"),
    "GRM": ("g", "g"),
    "MTR": ("m", "m"),
    "LTR": ("l", "l"),
    "HUR": (pgettext_lazy("unit", "hour"), pgettext_lazy("unit", "hours")),
}

UNIT_CHOICES = [(code, one) for code, (one, _several) in UNITS.items()]


def unit_name(code: str, count: object = 1) -> str:
    one, several = UNITS.get(code, (code, code))
    return str(one if count == 1 else several)

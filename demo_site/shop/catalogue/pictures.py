"""Flat little illustrations, drawn and not photographed: the same part number always gives the same picture.

Every motif is drawn on a sheet of 800 × 600 with the ground at y = 470.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIZE = (800, 600)
FINER = 2  # drawn larger and scaled down, for smooth edges

INK = "#17292c"
STEEL = "#b9c6c8"
DARK_STEEL = "#7f9296"
WHITE = "#ffffff"
PALE = "#eef3f2"
GLASS = "#d6ecf1"
WOOD = "#d9a866"

#: The background of each category, as hue and saturation of a very light colour.
GROUNDS = {
    "office": (0.12, 0.32),
    "laboratory": (0.54, 0.24),
    "workshop": (0.07, 0.22),
    "cleaning": (0.42, 0.24),
    "it": (0.66, 0.16),
    "services": (0.95, 0.16),
}

#: What a motif may be painted in; the part number picks.
PAINTS = ["#0b6b5d", "#2f6f9f", "#c8553d", "#e0a030", "#5d5a9e", "#3b8f6b", "#b0506f", "#33708a"]


@dataclass
class Sheet:
    """A canvas that is measured in the sheet's units."""

    draw: ImageDraw.ImageDraw
    paint: str

    @property
    def shade(self) -> str:
        return _lightness(self.paint, 0.76)

    @property
    def tint(self) -> str:
        return _lightness(self.paint, 1.35)

    def box(self, x: float, y: float, w: float, h: float, color: str, r: float = 0) -> None:
        self.draw.rounded_rectangle(
            [x * FINER, y * FINER, (x + w) * FINER, (y + h) * FINER], radius=r * FINER, fill=color
        )

    def disc(self, x: float, y: float, r: float, color: str, ry: float | None = None) -> None:
        ry = r if ry is None else ry
        self.draw.ellipse([(x - r) * FINER, (y - ry) * FINER, (x + r) * FINER, (y + ry) * FINER], fill=color)

    def ring(self, x: float, y: float, r: float, width: float, color: str, start: float = 0, end: float = 360) -> None:
        corners = [(x - r) * FINER, (y - r) * FINER, (x + r) * FINER, (y + r) * FINER]
        self.draw.arc(corners, start, end, fill=color, width=round(width * FINER))

    def shape(self, color: str, *points: tuple[float, float]) -> None:
        self.draw.polygon([(x * FINER, y * FINER) for x, y in points], fill=color)

    def line(self, color: str, width: float, *points: tuple[float, float]) -> None:
        self.draw.line(
            [(x * FINER, y * FINER) for x, y in points], fill=color, width=round(width * FINER), joint="curve"
        )
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, color)


def picture(motif: str, category: str, sku: str) -> bytes:
    """The picture of one product, as PNG."""
    chance = hashlib.sha256(sku.encode()).digest()
    hue, saturation = GROUNDS[category]
    image = Image.new("RGB", (SIZE[0] * FINER, SIZE[1] * FINER), _rgb(hue, 0.955, saturation))
    sheet = Sheet(ImageDraw.Draw(image), PAINTS[chance[0] % len(PAINTS)])
    left = 300 + chance[1] % 200
    sheet.disc(left, 300, 250, _rgb(hue, 0.905, saturation + 0.08))
    sheet.disc(left + (220 if chance[2] % 2 else -220), 150, 46, _rgb(hue, 0.925, saturation + 0.1))
    sheet.disc(400, 476, 260, _rgb(hue, 0.84, saturation), ry=20)
    MOTIFS[motif](sheet)
    file = io.BytesIO()
    image.resize(SIZE, Image.Resampling.BOX).save(file, "PNG", compress_level=3)
    return file.getvalue()


def _rgb(hue: float, lightness: float, saturation: float) -> tuple[int, ...]:
    return tuple(round(255 * each) for each in colorsys.hls_to_rgb(hue, lightness, saturation))


def _lightness(color: str, factor: float) -> str:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    hue, lightness, saturation = colorsys.rgb_to_hls(*parts)
    return "#" + "".join(f"{each:02x}" for each in _rgb(hue, min(lightness * factor, 0.9), saturation))


# Office


def paper(s: Sheet) -> None:
    for i, x in enumerate((0, 10, -6)):
        s.box(235 + x, 395 - i * 85, 330, 78, WHITE, 6)
        s.box(235 + x, 395 - i * 85, 330, 78 if i == 3 else 20, PALE, 6)
        s.box(330 + x, 395 - i * 85, 140, 78, s.paint)
        s.box(350 + x, 425 - i * 85, 100, 8, WHITE, 4)


def pen(s: Sheet) -> None:
    for i, color in enumerate((s.paint, s.shade, s.tint)):
        x = 290 + i * 85
        s.box(x, 180, 50, 220, color, 8)
        s.box(x, 140, 50, 70, s.shade, 12)
        s.box(x + 36, 150, 10, 90, STEEL, 4)
        s.shape(STEEL, (x, 395), (x + 50, 395), (x + 25, 468))
        s.disc(x + 25, 464, 5, INK)


def marker(s: Sheet) -> None:
    for i, color in enumerate((s.tint, s.paint)):
        x = 300 + i * 115
        s.box(x, 250, 85, 220, color, 14)
        s.box(x + 6, 300, 73, 90, WHITE, 6)
        s.box(x + 16, 190, 53, 70, INK, 8)
        s.shape(color, (x + 26, 192), (x + 59, 192), (x + 59, 160), (x + 26, 178))


def notes(s: Sheet) -> None:
    s.shape(s.shade, (290, 190), (560, 170), (580, 440), (310, 462))
    s.shape("#ffe08a", (270, 180), (540, 180), (540, 400), (490, 450), (270, 450))
    s.shape("#e5bd55", (540, 400), (490, 400), (490, 450))
    for y in (240, 285, 330):
        s.box(310, y, 180 if y < 330 else 110, 10, "#b8913a", 5)


def binder(s: Sheet) -> None:
    for i, color in enumerate((s.paint, s.shade, s.tint)):
        x = 255 + i * 105
        s.box(x, 150, 95, 320, color, 6)
        s.box(x + 20, 190, 55, 110, WHITE, 4)
        s.box(x + 30, 212, 35, 7, STEEL, 3)
        s.box(x + 30, 232, 25, 7, STEEL, 3)
        s.disc(x + 47, 400, 20, STEEL)
        s.disc(x + 47, 400, 11, INK)


def carton(s: Sheet) -> None:
    s.shape("#c9985a", (240, 240), (560, 240), (560, 470), (240, 470))
    s.shape("#e3b87c", (240, 240), (300, 170), (620, 170), (560, 240))
    s.shape("#a97c44", (560, 240), (620, 170), (620, 395), (560, 470))
    s.box(370, 240, 60, 90, s.paint)
    s.shape(s.tint, (370, 240), (430, 170), (490, 170), (430, 240))
    s.box(265, 410, 90, 36, WHITE, 4)


def tape(s: Sheet) -> None:
    s.disc(400, 320, 150, s.paint)
    s.disc(400, 320, 118, s.shade)
    s.disc(400, 320, 84, WOOD)
    s.disc(400, 320, 70, PALE)
    s.box(400, 440, 200, 30, s.paint)
    s.shape(s.shade, (600, 440), (620, 447), (600, 455), (620, 463), (600, 470))


def stapler(s: Sheet) -> None:
    s.box(215, 430, 370, 38, s.shade, 12)
    s.shape(STEEL, (240, 385), (570, 415), (570, 432), (240, 432))
    s.shape(s.paint, (225, 290), (560, 350), (590, 405), (240, 392))
    s.disc(245, 400, 38, INK)
    s.disc(245, 400, 14, STEEL)


def chair(s: Sheet) -> None:
    s.box(300, 130, 190, 200, s.paint, 40)
    s.box(325, 155, 140, 150, s.shade, 30)
    s.box(285, 340, 240, 48, s.paint, 22)
    s.box(388, 388, 26, 50, INK)
    s.line(INK, 16, (290, 462), (400, 436), (510, 462))
    for x in (290, 400, 510):
        s.disc(x, 462, 13, DARK_STEEL)
    s.line(INK, 14, (525, 300), (525, 352))
    s.line(INK, 18, (480, 300), (550, 300))


def board(s: Sheet) -> None:
    s.box(200, 120, 400, 270, STEEL, 10)
    s.box(214, 134, 372, 242, WHITE, 4)
    s.line(s.paint, 8, (250, 320), (320, 260), (390, 285), (470, 200), (540, 180))
    s.box(250, 170, 110, 12, s.shade, 6)
    s.line(DARK_STEEL, 14, (290, 390), (250, 468))
    s.line(DARK_STEEL, 14, (510, 390), (550, 468))


def envelope(s: Sheet) -> None:
    s.box(245, 175, 350, 230, "#e3c08f", 6)
    s.box(205, 225, 350, 240, WHITE, 6)
    s.shape(PALE, (205, 225), (555, 225), (380, 370))
    s.line(STEEL, 4, (207, 228), (380, 370), (553, 228))
    s.box(470, 395, 60, 46, s.paint, 4)


# Laboratory


def beaker(s: Sheet) -> None:
    s.box(285, 160, 230, 310, GLASS, 26)
    s.box(270, 150, 260, 26, "#b9dbe4", 12)
    s.box(297, 300, 206, 158, s.tint, 20)
    s.box(297, 300, 206, 26, s.paint)
    for y in (220, 260, 300, 340, 380, 420):
        s.box(440, y, 50, 6, WHITE, 3)


def flask(s: Sheet) -> None:
    s.shape(GLASS, (365, 150), (435, 150), (435, 270), (560, 468), (240, 468), (365, 270))
    s.shape(s.tint, (322, 340), (478, 340), (548, 460), (252, 460))
    s.shape(s.paint, (322, 340), (478, 340), (489, 360), (311, 360))
    s.box(350, 135, 100, 26, "#b9dbe4", 12)
    for x, y, r in ((370, 420, 14), (430, 395, 10), (410, 436, 7)):
        s.disc(x, y, r, WHITE)


def tubes(s: Sheet) -> None:
    for i, color in enumerate((s.paint, s.tint, s.shade, s.paint)):
        x = 240 + i * 88
        s.box(x, 150, 56, 290, GLASS, 28)
        s.box(x + 7, 260 + i * 18, 42, 172 - i * 18, color, 21)
        s.box(x - 6, 140, 68, 20, "#b9dbe4", 8)
    s.box(205, 300, 390, 30, WOOD, 6)
    s.box(205, 440, 390, 30, "#b98748", 6)
    s.box(205, 300, 22, 170, "#b98748", 6)
    s.box(573, 300, 22, 170, "#b98748", 6)


def pipette(s: Sheet) -> None:
    s.box(372, 110, 56, 40, s.shade, 10)
    s.box(388, 140, 24, 40, STEEL)
    s.box(362, 170, 76, 130, s.paint, 24)
    s.box(376, 200, 48, 40, WHITE, 6)
    s.shape(STEEL, (378, 296), (422, 296), (410, 390), (390, 390))
    s.shape(GLASS, (388, 380), (412, 380), (403, 468), (397, 468))
    s.disc(470, 440, 14, s.tint)
    s.shape(s.tint, (458, 434), (482, 434), (470, 405))


def glove(s: Sheet) -> None:
    for x, top in ((300, 190), (352, 150), (404, 160), (456, 200)):
        s.box(x, top, 46, 200, s.paint, 22)
    s.box(300, 280, 202, 150, s.paint, 34)
    s.line(s.paint, 46, (490, 380), (556, 296))
    s.box(312, 400, 178, 68, s.shade, 8)
    s.box(306, 440, 190, 28, s.tint, 12)


def bottle(s: Sheet) -> None:
    s.box(310, 230, 180, 240, s.paint, 30)
    s.shape(s.paint, (330, 250), (370, 185), (430, 185), (470, 250))
    s.box(362, 150, 76, 50, INK, 8)
    s.box(310, 290, 180, 110, WHITE)
    s.box(330, 312, 100, 12, s.shade, 6)
    s.box(330, 338, 130, 8, STEEL, 4)
    s.box(330, 358, 110, 8, STEEL, 4)


def balance(s: Sheet) -> None:
    s.box(230, 340, 340, 130, PALE, 22)
    s.box(230, 430, 340, 40, STEEL, 16)
    s.box(330, 365, 140, 54, INK, 8)
    s.box(350, 383, 90, 16, s.tint, 4)
    s.box(385, 300, 30, 45, DARK_STEEL)
    s.box(260, 280, 280, 26, STEEL, 12)
    s.box(345, 200, 110, 80, s.paint, 12)
    s.disc(400, 195, 22, s.shade)


def goggles(s: Sheet) -> None:
    s.line(INK, 22, (190, 270), (240, 290))
    s.line(INK, 22, (560, 290), (610, 270))
    s.box(225, 230, 350, 170, s.paint, 70)
    s.box(250, 254, 140, 122, GLASS, 50)
    s.box(410, 254, 140, 122, GLASS, 50)
    s.line(WHITE, 12, (285, 320), (325, 280))
    s.line(WHITE, 12, (445, 320), (485, 280))


def meter(s: Sheet) -> None:
    s.box(330, 120, 150, 270, s.paint, 26)
    s.box(352, 150, 106, 70, PALE, 8)
    s.box(366, 172, 60, 24, INK, 4)
    for x in (372, 405, 438):
        s.disc(x, 260, 12, WHITE)
        s.disc(x, 300, 12, s.tint)
    s.box(390, 390, 30, 60, INK, 4)
    s.box(396, 440, 18, 30, GLASS, 9)


# Workshop


def screw(s: Sheet) -> None:
    for x, top, length in ((270, 150, 300), (375, 200, 250), (475, 170, 280)):
        s.box(x - 14, top, 84, 36, DARK_STEEL, 10)
        s.box(x + 8, top + 14, 40, 10, INK, 4)
        s.box(x + 8, top + 36, 40, length - 60, STEEL)
        for y in range(top + 80, top + length - 40, 20):
            s.line(DARK_STEEL, 6, (x + 4, y + 8), (x + 52, y))
        s.shape(STEEL, (x + 8, top + length - 26), (x + 48, top + length - 26), (x + 28, top + length))


def nut(s: Sheet) -> None:
    for x, y, r in ((310, 300, 105), (500, 350, 92), (400, 410, 58)):
        s.shape(STEEL, *[(x + r * dx, y + r * dy) for dx, dy in HEXAGON])
        s.disc(x, y, r * 0.68, PALE)
        s.disc(x, y, r * 0.55, DARK_STEEL)
        s.disc(x, y, r * 0.45, s.paint)


HEXAGON = [(1, 0), (0.5, 0.866), (-0.5, 0.866), (-1, 0), (-0.5, -0.866), (0.5, -0.866)]


def driver(s: Sheet) -> None:
    for x, color in ((300, s.paint), (400, s.shade), (500, s.tint)):
        s.box(x - 32, 140, 64, 170, color, 28)
        s.box(x - 10, 160, 20, 120, WHITE, 8)
        s.box(x - 20, 300, 40, 26, INK, 6)
        s.box(x - 8, 326, 16, 130, STEEL)
        s.shape(DARK_STEEL, (x - 12, 440), (x + 12, 440), (x + 6, 470), (x - 6, 470))


def drill(s: Sheet) -> None:
    s.box(235, 190, 270, 110, s.paint, 30)
    s.box(505, 215, 50, 60, INK, 8)
    s.shape(STEEL, (555, 230), (660, 240), (660, 250), (555, 262))
    s.shape(s.shade, (270, 290), (370, 290), (345, 430), (245, 430))
    s.box(225, 420, 150, 50, INK, 12)
    s.box(372, 305, 24, 44, INK, 8)
    s.box(265, 220, 130, 16, WHITE, 8)


def coil(s: Sheet) -> None:
    for r, color in ((160, s.paint), (138, s.shade), (116, s.paint), (94, s.shade), (72, s.paint)):
        s.ring(400, 310, r, 16, color)
    s.line(s.paint, 16, (400, 462), (560, 462), (600, 430))
    s.box(588, 396, 40, 44, INK, 6)
    s.box(384, 150, 32, 100, INK, 8)


def oil(s: Sheet) -> None:
    s.box(290, 250, 200, 220, s.paint, 20)
    s.shape(s.shade, (290, 268), (350, 200), (430, 200), (490, 268))
    s.line(DARK_STEEL, 18, (390, 195), (470, 130), (560, 120))
    s.shape(s.tint, (340, 340), (440, 340), (390, 300))
    s.disc(390, 365, 50, s.tint)
    s.disc(575, 150, 10, "#d79a1f")


def helmet(s: Sheet) -> None:
    s.draw.pieslice([240 * FINER, 160 * FINER, 560 * FINER, 560 * FINER], 180, 360, fill=s.paint)
    s.box(205, 352, 390, 42, s.shade, 20)
    s.box(375, 150, 50, 205, s.tint, 22)
    s.box(300, 190, 26, 160, s.shade, 12)
    s.box(474, 190, 26, 160, s.shade, 12)


def rope(s: Sheet) -> None:
    for i, y in enumerate((410, 360, 310, 260)):
        s.box(240 + i * 8, y, 320 - i * 16, 58, WOOD if i % 2 else "#c48f4c", 29)
        for x in range(270 + i * 8, 530 - i * 8, 34):
            s.line("#a5753a", 6, (x, y + 50), (x + 22, y + 8))
    s.line(WOOD, 30, (520, 280), (600, 220), (610, 150))


def battery(s: Sheet) -> None:
    for x in (260, 365, 470):
        s.box(x + 22, 160, 36, 30, STEEL, 6)
        s.box(x, 182, 80, 288, s.paint, 12)
        s.box(x, 182, 80, 90, INK, 12)
        s.box(x + 34, 300, 12, 44, WHITE)
        s.box(x + 18, 316, 44, 12, WHITE)


def bucket(s: Sheet) -> None:
    s.ring(400, 240, 130, 10, DARK_STEEL, 180, 360)
    s.shape(s.paint, (260, 240), (540, 240), (505, 470), (295, 470))
    s.box(245, 225, 310, 36, s.shade, 16)
    s.shape(WHITE, (300, 310), (500, 310), (488, 400), (312, 400))
    s.box(330, 335, 120, 14, s.paint, 7)
    s.box(330, 362, 80, 10, STEEL, 5)


# Cleaning


def sprayer(s: Sheet) -> None:
    s.box(310, 270, 170, 200, s.paint, 34)
    s.shape(s.paint, (340, 290), (370, 215), (420, 215), (450, 290))
    s.box(362, 170, 66, 50, WHITE, 6)
    s.box(300, 130, 160, 50, s.shade, 14)
    s.shape(s.shade, (320, 175), (345, 175), (320, 240), (300, 232))
    s.box(330, 330, 130, 90, WHITE, 10)
    for x, y in ((260, 150), (232, 130), (236, 165), (205, 148)):
        s.disc(x, y, 8, s.tint)


def canister(s: Sheet) -> None:
    s.box(260, 220, 280, 250, s.paint, 26)
    s.box(290, 150, 160, 90, s.paint, 24)
    s.box(325, 185, 90, 46, PALE, 14)
    s.box(470, 165, 60, 62, INK, 10)
    s.box(290, 290, 220, 130, WHITE, 8)
    s.box(312, 312, 120, 16, s.shade, 8)
    s.box(312, 345, 170, 9, STEEL, 4)
    s.box(312, 368, 140, 9, STEEL, 4)


def roll(s: Sheet) -> None:
    for x, y in ((300, 370), (500, 370), (400, 215)):
        s.disc(x, y, 98, WHITE)
        s.ring(x, y, 98, 5, STEEL)
        s.ring(x, y, 72, 3, "#dfe7e6")
        s.disc(x, y, 34, WOOD)
        s.disc(x, y, 24, "#a5753a")


def bag(s: Sheet) -> None:
    s.shape(s.paint, (300, 250), (500, 250), (555, 440), (520, 470), (280, 470), (245, 440))
    s.shape(s.shade, (340, 150), (400, 200), (460, 150), (440, 252), (360, 252))
    s.box(350, 236, 100, 24, s.tint, 12)
    s.line(s.shade, 8, (340, 300), (320, 420))
    s.line(s.shade, 8, (460, 300), (480, 410))


def mop(s: Sheet) -> None:
    s.line(WOOD, 20, (520, 110), (400, 360))
    s.box(300, 350, 200, 40, s.shade, 14)
    for i, x in enumerate(range(308, 500, 24)):
        s.line(PALE if i % 2 else s.tint, 24, (x, 390), (x - 10 + i * 3, 456))


def broom(s: Sheet) -> None:
    s.line(WOOD, 20, (300, 110), (400, 350))
    s.box(270, 345, 270, 46, s.shade, 12)
    for x in range(280, 540, 20):
        s.shape(s.paint if x % 40 else s.tint, (x, 391), (x + 16, 391), (x + 22, 470), (x - 4, 470))


def soap(s: Sheet) -> None:
    s.box(315, 240, 170, 230, s.tint, 36)
    s.box(370, 180, 60, 62, WHITE, 8)
    s.box(388, 140, 24, 50, STEEL)
    s.box(280, 120, 140, 32, WHITE, 14)
    s.box(335, 310, 130, 90, WHITE, 12)
    s.disc(400, 355, 26, s.paint)
    for x, y, r in ((550, 420, 34), (590, 360, 20), (520, 350, 14)):
        s.disc(x, y, r, WHITE)
        s.ring(x, y, r, 3, s.tint)


def cloth(s: Sheet) -> None:
    for i, color in enumerate((s.shade, s.paint, s.tint)):
        y = 390 - i * 70
        s.box(240 + i * 12, y, 320, 80, color, 20)
        s.box(240 + i * 12, y, 320, 16, WHITE, 8)
    s.shape("#ffe08a", (300, 240), (560, 210), (590, 262), (330, 282))


# IT


def laptop(s: Sheet) -> None:
    s.box(240, 150, 320, 220, INK, 14)
    s.box(256, 166, 288, 188, s.tint, 4)
    s.shape(s.paint, (256, 354), (380, 230), (450, 300), (490, 262), (544, 320), (544, 354))
    s.disc(480, 215, 20, "#ffe08a")
    s.shape(STEEL, (240, 372), (560, 372), (615, 440), (185, 440))
    s.box(185, 440, 430, 24, DARK_STEEL, 10)
    s.box(350, 400, 100, 26, PALE, 4)


def monitor(s: Sheet) -> None:
    s.box(195, 120, 410, 260, INK, 14)
    s.box(211, 136, 378, 228, s.paint, 4)
    s.box(235, 165, 150, 90, s.tint, 6)
    s.box(405, 165, 160, 14, WHITE, 6)
    s.box(405, 192, 110, 10, s.tint, 5)
    for i, height in enumerate((40, 70, 55, 90)):
        s.box(410 + i * 40, 340 - height, 26, height, "#ffe08a", 4)
    s.box(375, 380, 50, 60, DARK_STEEL)
    s.box(300, 440, 200, 26, STEEL, 10)


def keyboard(s: Sheet) -> None:
    s.box(170, 260, 460, 190, s.shade, 20)
    for row in range(4):
        for column in range(11):
            s.box(190 + column * 38.5, 278 + row * 39, 32, 32, PALE if (row + column) % 7 else s.tint, 6)
    s.box(305, 434, 190, 8, s.tint, 4)


def mouse(s: Sheet) -> None:
    s.line(INK, 9, (400, 190), (420, 140), (500, 120))
    s.box(310, 180, 180, 290, s.paint, 88)
    s.box(396, 182, 8, 110, s.shade)
    s.box(386, 215, 28, 60, INK, 14)
    s.box(330, 400, 140, 60, s.shade, 30)


def plug(s: Sheet) -> None:
    s.line(s.paint, 30, (160, 440), (250, 440), (300, 330), (400, 330))
    s.box(390, 260, 90, 140, s.shade, 14)
    s.box(470, 275, 140, 110, PALE, 8)
    s.box(470, 250, 70, 30, STEEL, 6)
    for y in range(292, 380, 14):
        s.box(560, y, 50, 6, "#d79a1f")


def stick(s: Sheet) -> None:
    s.box(240, 250, 220, 130, s.paint, 24)
    s.box(460, 275, 110, 80, STEEL, 4)
    s.box(500, 292, 40, 14, DARK_STEEL)
    s.box(500, 324, 40, 14, DARK_STEEL)
    s.ring(275, 315, 16, 7, WHITE)
    s.box(320, 300, 100, 12, WHITE, 6)
    s.box(320, 322, 70, 10, s.tint, 5)


def dock(s: Sheet) -> None:
    s.box(200, 320, 400, 120, INK, 24)
    s.box(200, 320, 400, 30, DARK_STEEL, 15)
    for x in (235, 300, 365):
        s.box(x, 375, 46, 26, STEEL, 6)
    s.disc(470, 388, 16, s.tint)
    s.box(505, 368, 66, 40, s.paint, 6)
    s.line(INK, 14, (560, 322), (600, 230), (520, 180))


def headset(s: Sheet) -> None:
    s.ring(400, 300, 150, 28, INK, 180, 360)
    s.box(225, 290, 70, 130, s.paint, 30)
    s.box(505, 290, 70, 130, s.paint, 30)
    s.line(DARK_STEEL, 12, (262, 415), (300, 460), (370, 460))
    s.box(360, 442, 60, 36, s.shade, 16)


def toner(s: Sheet) -> None:
    s.box(220, 300, 360, 120, INK, 18)
    s.box(220, 300, 90, 120, s.paint, 18)
    s.box(340, 330, 190, 60, PALE, 8)
    s.box(360, 348, 100, 10, STEEL, 5)
    s.box(360, 368, 140, 8, STEEL, 4)
    s.box(250, 420, 300, 30, DARK_STEEL, 15)


def switch(s: Sheet) -> None:
    s.box(180, 300, 440, 130, s.shade, 14)
    for i in range(8):
        s.box(205 + i * 38, 340, 30, 34, INK, 4)
        s.box(212 + i * 38, 388, 16, 6, "#7fe0c3" if i % 3 else "#ffe08a", 3)
    s.disc(560, 360, 14, s.tint)
    s.line(s.paint, 12, (220, 345), (220, 230), (320, 180))
    s.line(s.tint, 12, (296, 345), (296, 260), (400, 210))


# Services


def clock(s: Sheet) -> None:
    s.disc(400, 300, 165, s.paint)
    s.disc(400, 300, 138, WHITE)
    s.line(INK, 14, (400, 300), (400, 205))
    s.line(INK, 14, (400, 300), (465, 340))
    s.disc(400, 300, 15, s.shade)
    for x, y in ((400, 180), (400, 420), (280, 300), (520, 300)):
        s.disc(x, y, 9, STEEL)


def gauge(s: Sheet) -> None:
    s.box(255, 140, 290, 330, s.paint, 34)
    s.disc(400, 280, 110, WHITE)
    s.ring(400, 280, 92, 16, s.tint, 150, 330)
    s.ring(400, 280, 92, 16, "#e0a030", 330, 390)
    s.line(INK, 12, (400, 280), (460, 230))
    s.box(320, 410, 160, 30, PALE, 10)


def van(s: Sheet) -> None:
    s.box(180, 220, 280, 200, s.paint, 16)
    s.shape(s.paint, (450, 270), (560, 270), (620, 350), (620, 420), (450, 420))
    s.shape(GLASS, (480, 295), (550, 295), (590, 350), (480, 350))
    s.box(215, 290, 190, 26, s.tint, 12)
    for x in (280, 530):
        s.disc(x, 425, 48, INK)
        s.disc(x, 425, 22, STEEL)


MOTIFS: dict[str, Callable[[Sheet], None]] = {
    each.__name__: each
    for each in (
        *(paper, pen, marker, notes, binder, carton, tape, stapler, chair, board, envelope),
        *(beaker, flask, tubes, pipette, glove, bottle, balance, goggles, meter),
        *(screw, nut, driver, drill, coil, oil, helmet, rope, battery, bucket),
        *(sprayer, canister, roll, bag, mop, broom, soap, cloth),
        *(laptop, monitor, keyboard, mouse, plug, stick, dock, headset, toner, switch),
        *(clock, gauge, van),
    )
}

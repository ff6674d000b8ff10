"""A colour for every domain of any codebook: readable on light and dark ground, apart for colour-blind eyes.

The first eight were found by search: each at least 4.5:1 against its ground (WCAG AA), and every pair apart in OKLab
also as protanopes, deuteranopes and tritanopes see them. Further domains get hues by the golden angle. Colour is
never the only sign: every suggestion bears its code's name.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.codebook import STEP, Codebook

LIGHT_GROUND = "#ffffff"
DARK_GROUND = "#191b20"
AA = 4.5
"""Contrast that WCAG 2 asks of text."""
SEARCHED = (
    ("#455ef8", "#6f7df7"),
    ("#d91f0d", "#e66b4d"),
    ("#597952", "#c2e59f"),
    ("#5d05a4", "#9f7bba"),
    ("#523709", "#e9b10d"),
    ("#ba3bb4", "#c299b4"),
    ("#1b626e", "#82eafc"),
    ("#12415e", "#40befd"),
)
GOLDEN_ANGLE = 0.381966
"""As a share of the colour circle: successive hues stay apart however many there are."""


@dataclass(frozen=True, slots=True)
class Colour:
    """One domain's colour as ``#rrggbb``, for light and for dark ground."""

    light: str
    dark: str


def palette(domains: Sequence[str]) -> dict[str, Colour]:
    """Return each domain's colour, which depends on its place in the codebook alone."""
    return {domain: _colour(n) for n, domain in enumerate(domains)}


def book_colours(codebook: Codebook) -> dict[str, Colour]:
    """Return each domain's colour: the one chosen for it or for the steps above it, else that of its place."""
    chosen, colours = dict(codebook.colours), palette(codebook.domains)
    for domain in codebook.domains:
        steps = domain.split(STEP)
        paths = (STEP.join(steps[:n]) for n in range(len(steps), 0, -1))
        colour = next((chosen[path] for path in paths if path in chosen), None)
        if colour is not None:
            colours[domain] = shades_of(colour)
    return colours


def shades_of(colour: str) -> Colour:
    """Return a colour as it is readable on light and on dark ground: itself, or a lighter or darker shade of it."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)

    def on(ground: str) -> str:
        return colour if contrast(colour, ground) >= AA else _readable(hue, ground, saturation)

    return Colour(on(LIGHT_GROUND), on(DARK_GROUND))


def _colour(n: int) -> Colour:
    if n < len(SEARCHED):
        return Colour(*SEARCHED[n])
    hue = n * GOLDEN_ANGLE % 1
    return Colour(_readable(hue, LIGHT_GROUND), _readable(hue, DARK_GROUND))


def _readable(hue: float, ground: str, saturation: float = 0.65) -> str:
    """Return the colour of a hue nearest to middle lightness that is readable on a ground.

    Args:
        hue: As a share of the colour circle.
        ground: As ``#rrggbb``.
        saturation: 0 to 1.
    """
    away = -1 if luminance(ground) > 0.5 else 1
    channels = (colorsys.hls_to_rgb(hue, (50 + away * step) / 100, saturation) for step in range(51))
    shades = ("#" + "".join(f"{round(255 * channel):02x}" for channel in rgb) for rgb in channels)
    return next(shade for shade in shades if contrast(shade, ground) >= AA)


def contrast(colour: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    dark, light = sorted((luminance(colour), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, 0 (black) to 1 (white)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

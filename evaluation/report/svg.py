"""Plots as inline SVG, drawn by hand: a page needs no library, no script and no style attribute to show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.metrics.curves import Curve
from evaluation.metrics.intervals import Score
from evaluation.study_quality.finish_line import FinishPoint

SIZE, LEFT, BOTTOM, TOP, RIGHT = 260, 44, 40, 12, 14
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def line_plot(
    curves: Mapping[str, Curve],
    across: str,
    up: str,
    *,
    diagonal: bool = False,
    band: Sequence[tuple[float, float, float]] = (),
) -> str:
    """Return curves over the unit square, each in the class ``s0``, ``s1``...; axes are labelled.

    Args:
        curves: By the name that the legend beside the plot gives them; points are (x, y, ...).
        across: Label of the horizontal axis.
        up: Label of the vertical axis.
        diagonal: Draw the line of perfect calibration.
        band: x, low and high of what is shaded.
    """
    points = {n: " ".join(f"{_x(x)},{_y(y)}" for x, y, *_ in curve) for n, curve in enumerate(curves.values()) if curve}
    lines = [f'<polyline class="s{n}" points="{places}"/>' for n, places in points.items()]
    perfect = [f'<path class="perfect" d="M{_x(0)} {_y(0)} L{_x(1)} {_y(1)}"/>'] if diagonal else []
    around = [*((x, low) for x, low, _ in band), *((x, high) for x, _, high in reversed(band))]
    edge = [f"{_x(x)},{_y(y)}" for x, y in around]
    shaded = [f'<polygon class="band" points="{" ".join(edge)}"/>'] if edge else []
    return _framed([*_axes(across, up), *shaded, *perfect, *lines], f"{up} by {across.lower()}")


def reliability_plot(curve: Curve) -> str:
    """Return the share right by stated probability; the area of a point grows with the rows it stands for."""
    most = max((point[2] for point in curve), default=1.0)
    dots = [
        f'<circle class="s0 dotted" cx="{_x(x)}" cy="{_y(y)}" r="{3 + 7 * (n / most) ** 0.5:.1f}">'
        f"<title>{n:.0f} rows: stated {x:.2f}, right {y:.2f}</title></circle>"
        for x, y, n in curve
    ]
    across, up = "Stated probability", "Share right"
    perfect = f'<path class="perfect" d="M{_x(0)} {_y(0)} L{_x(1)} {_y(1)}"/>'
    return _framed([*_axes(across, up), perfect, *dots], "Reliability: share right by stated probability")


def finish_plot(points: Sequence[FinishPoint]) -> str:
    """Return kappa with its band, precision and recall by the share coded by hand; empty where none is known."""
    known = sorted((point for point in points if point.kappa.value is not None), key=lambda point: point.by_hand)
    figures: dict[str, Curve] = {
        name: tuple((point.by_hand, value) for point in known if (value := getattr(point, name).value) is not None)
        for name in ("kappa", "precision", "recall")
    }
    ends = [(point.by_hand, point.kappa.low, point.kappa.high) for point in known]
    band = [(x, low, high) for x, low, high in ends if low is not None and high is not None]
    across, up = "Share of sentences coded by hand", "Reliability"
    return line_plot(figures, across, up, band=band) if known else ""


def whisker(score: Score | None) -> str:
    """Return a score from 0 to 1 as a dot on its 95% interval; an empty track where there is none."""
    marks = ['<line class="rail" x1="2" x2="102" y1="7" y2="7"/>']
    if score is not None and score.value is not None:
        if score.low is not None and score.high is not None:
            marks.append(f'<line class="span" x1="{_at(score.low)}" x2="{_at(score.high)}" y1="7" y2="7"/>')
        marks.append(f'<circle class="dot-at" cx="{_at(score.value)}" cy="7" r="3.6"/>')
    return f'<svg class="whisker" viewBox="-3 0 110 14" aria-hidden="true">{"".join(marks)}</svg>'


def _at(value: float) -> str:
    return f"{2 + 100 * min(1.0, max(0.0, value)):.1f}"


def _axes(across: str, up: str) -> list[str]:
    grid = [
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(t)}" y2="{_y(t)}"/>'
        f'<text class="tick" x="{LEFT - 7}" y="{_y(t)}" dy=".32em" text-anchor="end">{_short(t)}</text>'
        f'<text class="tick" x="{_x(t)}" y="{TOP + SIZE + 16}" text-anchor="middle">{_short(t)}</text>'
        for t in TICKS
    ]
    middle = TOP + SIZE / 2
    names = [
        f'<text class="axis" x="{LEFT + SIZE / 2}" y="{TOP + SIZE + 34}" text-anchor="middle">{across}</text>',
        f'<text class="axis" x="11" y="{middle}" text-anchor="middle" transform="rotate(-90 11 {middle})">{up}</text>',
    ]
    return grid + names


def _framed(parts: Sequence[str], title: str) -> str:
    width, height = LEFT + SIZE + RIGHT, TOP + SIZE + BOTTOM
    return f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">{"".join(parts)}</svg>'


def _x(value: float) -> str:
    return f"{LEFT + SIZE * value:.1f}"


def _y(value: float) -> str:
    return f"{TOP + SIZE * (1 - value):.1f}"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("0.", ".", 1)

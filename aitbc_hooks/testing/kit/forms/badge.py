"""A report as a badge: a picture of one line that needs nothing from anywhere else."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.kit.forms.markup import safe
from aitbc_hooks.testing.kit.outcomes import Verdict

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.report import Report

__all__ = ["badge"]

_SUBJECT: Final = "aitbc"
_HEIGHT: Final = 20
_PADDING: Final = 6
_RADIUS: Final = 3
_FONTS: Final = "Verdana,DejaVu Sans,Geneva,sans-serif"
_SIZE: Final = 11
#: White reads on each of them with a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
_GREY: Final = "#505050"
_COLORS: Final = {
    Verdict.CONFORMANT: "#1f7a3d",
    Verdict.WITH_ADVISORIES: "#57700f",
    Verdict.NON_CONFORMANT: "#b92f24",
    Verdict.INCONCLUSIVE: "#8a5a00",
}
#: How wide the characters of these texts are in Verdana, in thousandths of the size. The picture
#: says how long a text is, so that it fits with another font as well.
_WIDTHS: Final = {
    **dict.fromkeys("ijl", 300),
    **dict.fromkeys(" ,frt", 400),
    **dict.fromkeys("cksvxyz", 575),
    "m": 975,
    "w": 820,
}
_USUAL_WIDTH: Final = 625


def badge(report: Report) -> str:
    """Return a report as a badge: an SVG document without fonts, scripts or links.

    The stamp stands in it for readers (``desc``) and, as JSON, for programs (``metadata``).

    Args:
        report: The report.
    """
    message = _message(report)
    left, right = (_width(text) + 2 * _PADDING for text in (_SUBJECT, message))
    title = f"{_SUBJECT}: {message}"
    svg = _element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=left + right,
        height=_HEIGHT,
        viewBox=f"0 0 {left + right} {_HEIGHT}",
        role="img",
        aria_label=title,
    )
    stamp = ", ".join(f"{key} {value}" for key, value in report.stamp.items())
    svg.append(_element("title", f"{report.plugin}: {title}"))
    svg.append(_element("desc", f"{report.verdict.value} at level {report.level.value}; {stamp}"))
    svg.append(_element("metadata", _facts(report)))
    shape = {"width": left + right, "height": _HEIGHT, "rx": _RADIUS}
    svg.append(_element("rect", **shape, fill=_COLORS[report.verdict]))
    svg.append(_element("path", d=_left_side(left), fill=_GREY))
    svg.append(_text(_SUBJECT, _PADDING))
    svg.append(_text(message, left + _PADDING))
    ET.indent(svg, "")
    return ET.tostring(svg, "unicode") + "\n"


def _message(report: Report) -> str:
    match report.verdict:
        case Verdict.WITH_ADVISORIES:
            count = len(report.advisories)
            return f"conformant, {count} {'advisory' if count == 1 else 'advisories'}"
        case Verdict.CONFORMANT:
            return "conformant"
        case Verdict.NON_CONFORMANT:
            return "not conformant"
        case Verdict.INCONCLUSIVE:
            return "inconclusive"


def _facts(report: Report) -> str:
    return json.dumps(
        {
            "plugin": report.plugin,
            "verdict": report.verdict.value,
            "level": report.level.value,
            "stamp": report.stamp,
        }
    )


def _width(text: str) -> int:
    return round(sum(_WIDTHS.get(char, _USUAL_WIDTH) for char in text) * _SIZE / 1000)


def _left_side(width: int) -> str:
    """Return the outline of the left half: round on one side, straight on the other."""
    corner = f"{_RADIUS} {_RADIUS} 0 0 1"
    return (
        f"M{_RADIUS} 0H{width}V{_HEIGHT}H{_RADIUS}"
        f"A{corner} 0 {_HEIGHT - _RADIUS}V{_RADIUS}A{corner} {_RADIUS} 0Z"
    )


def _text(text: str, x: int) -> ET.Element:
    return _element(
        "text",
        text,
        x=x,
        y=14,
        fill="#fff",
        font_family=_FONTS,
        font_size=_SIZE,
        textLength=_width(text),
    )


def _element(tag: str, text: str | None = None, /, **attributes: object) -> ET.Element:
    """Return an element; ``_`` in the names of attributes stands for ``-``."""
    values = {key.replace("_", "-"): safe(str(value)) for key, value in attributes.items()}
    element = ET.Element(tag, values)
    element.text = None if text is None else safe(text)
    return element

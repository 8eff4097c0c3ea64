"""Vega-Lite specification → inline SVG that is accessible, scales with the page, and is the same bytes every time."""

from __future__ import annotations

import re
from typing import Any

from daccord.errors import ExternalError

__all__ = ["missing_extra", "render"]

_ID = re.compile(r'\bid="([^"]+)"')
_NOISE = re.compile(
    r' (?:role|aria-[a-z]+)="[^"]*"| pointer-events="none"| opacity="1"| xmlns(?::xlink)?="[^"]*"'
    r'| font-family="[^"]*"| fill-opacity="1"| class="[^"]*"| stroke-miterlimit="10"'
)
_EMPTY = re.compile(r'<path d="" display="none"/>|<path d="M0,0h0v0h0Z"/>|<path(?: fill="[^"]*")? d=""[^>]*/>')
_HEAD = re.compile(r'^<svg[^>]*\bwidth="([\d.]+)" height="([\d.]+)"[^>]*>(?:<rect[^>]*/>)?')


def missing_extra(error: ImportError) -> ExternalError:
    """The error to raise when the page's libraries are not installed."""
    return ExternalError(
        f"the report needs {error.name or 'a library'}, which is not installed: install daccord[report]"
    )


def render(spec: dict[str, Any], identifier: str, label: str) -> str:
    """Draw a specification as an `<svg>` element for use inside a page.

    The element has a viewBox and no size of its own, a title that assistive software reads instead of its parts, and
    ids that cannot clash with those of other charts in the page (Vega numbers them by a counter of the process).
    Fonts are left to the page's style sheet.

    Args:
        spec: Vega-Lite 6 specification with inline data.
        identifier: Id for the element, unique in the page; letters, digits and hyphens.
        label: Text alternative, plain text.

    Returns:
        Markup.

    Raises:
        ExternalError: vl-convert is not installed.
    """
    try:
        import vl_convert  # noqa: PLC0415 a large library that only reports need
    except ImportError as error:
        raise missing_extra(error) from error
    svg = vl_convert.vegalite_to_svg(spec)
    for number, old in enumerate(dict.fromkeys(_ID.findall(svg))):
        new = f"{identifier}-{number}"
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    svg = _EMPTY.sub("", _NOISE.sub("", svg))
    head = _HEAD.match(svg)
    if head is None:
        raise ExternalError("vl-convert returned an SVG of a form this version of daccord does not know")
    width, height = head.groups()
    title = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    opening = (
        f'<svg id="{identifier}" role="img" aria-labelledby="{identifier}-title" viewBox="0 0 {width} {height}"'
        f' style="max-width:{width}px"><title id="{identifier}-title">{title}</title>'
    )
    return opening + svg[head.end() :]

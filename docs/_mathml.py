"""Sphinx extension: formulas become MathML, which browsers show without a script and without fetching anything."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

_log = logging.getLogger(__name__)


def _formula(page: HTML5Translator, node: nodes.Element, *, block: bool) -> str:
    source = node.astext()
    try:
        return tex2mathml(source, as_block=block)
    except MathError as error:
        _log.warning("formula cannot be written as MathML: %s: %s", source, error, location=node)
        return f"<code>{page.encode(source)}</code>"


def _inline(page: HTML5Translator, node: nodes.math) -> None:
    page.body.append(_formula(page, node, block=False))
    raise nodes.SkipNode


def _display(page: HTML5Translator, node: nodes.math_block) -> None:
    page.body.append(page.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        page.body.append(f'<span class="eqno">({node["number"]})</span>')
    page.body.append(_formula(page, node, block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the renderer under the name `mathml`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

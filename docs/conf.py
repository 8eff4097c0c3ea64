"""How the documentation is built: Sphinx and MyST Markdown, with `python -m sphinx -W -b html docs build/docs`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from sphinx.application import Sphinx

import daccord

sys.path.insert(0, str(Path(__file__).parent))

project = "daccord"
author = "the daccord authors"
version = release = daccord.__version__

extensions = ["myst_parser", "_mathml"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_*", "adr/template.md"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"daccord {release}"
html_copy_source = False
html_show_sphinx = False
# The build is the same wherever and whenever it is made.
html_last_updated_fmt = None

# Formulas are written into the page as MathML: no script and no other site is needed to read them.
html_math_renderer = "mathml"

# `console` blocks show a prompt and output, `text` and `csv` blocks hold data: neither is a programme to be parsed.
highlight_language = "none"


def setup(app: Sphinx) -> None:
    """Let lists of pages name pages by pattern before they are written: an empty pattern is no warning."""
    del app
    logging.getLogger("sphinx.sphinx.directives.other").addFilter(
        lambda record: getattr(record, "subtype", None) != "empty_glob"
    )

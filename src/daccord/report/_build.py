"""`build_report`: one self-contained HTML page.

The page asks for nothing from anywhere: styles, charts, the sorting script and the CSV file are inside it, and its own
content policy forbids requests. It is the same bytes for the same decision: no clock, no random ids.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from daccord.allocation import LABELS
from daccord.pipeline import Decision
from daccord.report import _sections
from daccord.report._ahead import ahead, margin
from daccord.report._board import board_figure
from daccord.report._charts import awards_figure, domain_figure, ranks_figure
from daccord.report._charts_judges import coverage_figure, skill_figure
from daccord.report._compare import rules_table
from daccord.report._figures import COLOURS, SYMBOLS
from daccord.report._held import held_words, spread_words
from daccord.report._roles import roles
from daccord.report._rows import award_rows
from daccord.report._summary import summary
from daccord.report._svg import missing_extra

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["build_report", "environment"]

_NOTHING: Final[Mapping[str, Decision]] = MappingProxyType({})
_NO_REASONS: Final[Mapping[str, str]] = MappingProxyType({})


def environment(code: str) -> Environment:
    """Templates with escaping on: whatever a round says is text, never markup.

    Args:
        code: The currency's, which no line break parts from its amount, as none parts a number from its per cent sign.
    """
    unit = re.compile(rf"(?<=\d) (?=%|{re.escape(code)}\b)") if code else re.compile(r"(?<=\d) (?=%)")

    def unbroken(value: object) -> object:
        return unit.sub("\N{NO-BREAK SPACE}", value) if type(value) is str else value

    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 in the extra `report`
    except ImportError as error:
        raise missing_extra(error) from error
    return Environment(
        loader=PackageLoader("daccord.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def build_report(
    decision: Decision,
    alternatives: Mapping[str, Decision] = _NOTHING,
    skipped: Mapping[str, str] = _NO_REASONS,
    notes: Mapping[str, str] = _NO_REASONS,
) -> str:
    """The result of a round as one HTML page that works offline, without JavaScript, and on paper.

    Args:
        decision: The decided round.
        alternatives: Name of a rule → the same round decided by it, shown side by side; may be empty.
        skipped: Name of a rule → why it cannot decide this round.
        notes: Name of a rule → what was done so that it could be compared.

    Returns:
        The page. The same decision gives the same bytes.

    Raises:
        ExternalError: The libraries of the extra `report` are not installed.
    """
    pages = environment(decision.round.budget.currency.code)
    templates = resources.files("daccord.report") / "templates"
    style = (templates / "report.css").read_text(encoding="utf-8")
    script = (templates / "sort.js").read_text(encoding="utf-8")
    rows = award_rows(decision)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return pages.get_template("report.html").render(
        round=decision.round,
        version=decision.version,
        style=style,
        script=script,
        script_digest=digest,
        colours=COLOURS,
        symbols=SYMBOLS,
        labels=LABELS,
        summary=summary(decision, alternatives, rows),
        identity=_sections.identity(decision),
        digests=sorted(decision.round.digests.items()),
        awards=_sections.award_table(decision, rows),
        spread=spread_words(decision),
        figures=(
            awards_figure(rows, spread_words(decision)),
            ranks_figure(rows),
            board_figure(decision, rows),
            domain_figure(decision, rows),
            coverage_figure(decision, rows),
            skill_figure(decision),
        ),
        heat=rules_table(decision, alternatives, rows),
        skipped=sorted(skipped.items()),
        notes=sorted(notes.items()),
        projects=_sections.project_sections(decision, rows),
        ahead=ahead(decision),
        margin=margin(decision),
        roles=roles(decision),
        judges=_sections.judges(decision),
        method=_sections.method(decision),
        held=held_words(decision),
    )

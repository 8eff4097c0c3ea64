"""The rules in effect as a manifest states them: every parameter by its dotted name, its value as JSON text."""

from __future__ import annotations

import json

from daccord.pipeline import effective_parameters
from daccord.round import Round

__all__ = ["rules_text"]


def rules_text(round_: Round) -> dict[str, str]:
    """Dotted name → JSON text of the value, of all rule parameters in effect."""
    return {name: json.dumps(value, ensure_ascii=False) for name, value in effective_parameters(round_).items()}

"""Decision files: `decision.json` for machines and `awards.csv` for spreadsheets.

```python
from daccord import decide, load_round
from daccord.formats.decisions import read_decision, write_decision

write_decision(decide(load_round("examples/dacc")), "out")
document = read_decision("out/decision.json")
```

Every key is explained in docs/spec/decision.md; the shape is docs/spec/decision.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from daccord.errors import ExternalError
from daccord.formats._decision_document import decision_document, decision_schema, scores_of
from daccord.formats._decision_graph import graph_of
from daccord.formats._decision_reading import parse_decision, read_decision
from daccord.formats._decision_table import COLUMNS, awards_csv
from daccord.pipeline import Decision

__all__ = [
    "COLUMNS",
    "awards_csv",
    "decision_document",
    "decision_schema",
    "decision_text",
    "graph_of",
    "parse_decision",
    "read_decision",
    "scores_of",
    "write_decision",
]


def decision_text(document: Mapping[str, object]) -> str:
    """The text of `decision.json`: the same document gives the same text."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_decision(
    decision: Decision, folder: str | Path, *, overridden: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Write `decision.json` and `awards.csv`, replacing those of an earlier run.

    The same decision gives the same bytes: UTF-8, LF line ends, keys in the schema's order. Each file is written
    beside its place first and then moved, so nobody reads half of one.

    Args:
        decision: A decided round.
        folder: Made if it does not exist.
        overridden: See `decision_document`.

    Returns:
        The files written.

    Raises:
        ExternalError: The disk refuses.
    """
    document = decision_document(decision, overridden=overridden)
    texts = {
        "decision.json": decision_text(document),
        "awards.csv": awards_csv(document),
    }
    target = Path(folder)
    written = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            beside = target / f".{name}.part"
            beside.write_text(text, encoding="utf-8", newline="\n")
            written.append(beside.replace(target / name))
    except OSError as error:
        raise ExternalError(f"{target} cannot be written: {error.strerror or error}") from error
    return tuple(written)

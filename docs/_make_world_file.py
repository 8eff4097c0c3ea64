"""Write the tables of docs/spec/world-file.md and docs/spec/world.schema.json anew from the reader's own declaration.

    python docs/_make_world_file.py [--check]

A table stands between `<!-- keys: NAME -->` and `<!-- end -->`; everything else in the page is written by hand.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from daccord.formats.worlds import CONSTITUTIONS, TABLES, Key, keys_of, world_schema
from daccord.futures.world import Quantity

PAGE = Path(__file__).parent / "spec" / "world-file.md"
SCHEMA = Path(__file__).parent / "spec" / "world.schema.json"
KINDS = {
    "text": "text",
    "flag": "true or false",
    "number": "number",
    "whole": "whole number",
    "names": "list of names",
    "numbers": "list of numbers",
    "log": "belief",
    "share": "belief, a share",
    "range": "table",
    "table": "table",
}


def default(key: Key) -> str:
    """What holds if a key is missing."""
    if key.required:
        return "must be there"
    value = key.default
    if isinstance(value, Quantity):
        return f"{value.low:g}"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value == "":
        return "–"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def table(keys: Mapping[str, Key]) -> str:
    """A table of keys."""
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    rows += [f"| `{name}` | {KINDS[key.kind]} | {default(key)} | {key.about} |" for name, key in keys.items()]
    return "\n".join(rows)


def constitutions() -> str:
    """A table for each kind of constitution, with what it has beside the kind that it builds on."""
    parts = []
    kinds = list(CONSTITUTIONS.items())
    for name, kind in kinds:
        above = next((n for base in kind.__mro__[1:] for n, c in kinds if c is base), None)
        known = {} if above is None else keys_of(CONSTITUTIONS[above])
        own = {
            field: key
            for field, key in keys_of(kind).items()
            if field not in known or known[field].default != key.default
        }
        builds = f", builds on `{above}`" if above else ""
        parts.append(f"**`{name}`**{builds}\n\n{table(own)}" if own else f"**`{name}`**{builds}")
    return "\n\n".join(parts)


def page(text: str) -> str:
    """The page with its tables written anew."""

    def write(match: re.Match[str]) -> str:
        name = match[1]
        made = constitutions() if name == "constitutions" else table(TABLES["" if name == "file" else name])
        return f"<!-- keys: {name} -->\n\n{made}\n\n<!-- end -->"

    return re.sub(r"<!-- keys: (\S+) -->.*?<!-- end -->", write, text, flags=re.DOTALL)


def main() -> int:
    """Write, or check and say what is stale."""
    wanted = {
        PAGE: page(PAGE.read_text(encoding="utf-8")),
        SCHEMA: json.dumps(world_schema(), indent=2, ensure_ascii=False) + "\n",
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is stale: run python docs/_make_world_file.py", file=sys.stderr)
        return int(bool(stale))
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

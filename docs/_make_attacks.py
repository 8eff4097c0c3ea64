"""Write docs/spec/attacks.md from the catalogue of hostile records.

python docs/_make_attacks.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "spec" / "attacks.md"
sys.path.insert(0, str(ROOT))

from tests.hostile.record._catalogue import ATTACKS, ELSEWHERE, ROOMS, of_room, outcome_of  # noqa: E402

HEAD = """# Attacks on a record

What was tried against a record, and what becomes of it. Each line is a test; this page is made from them
(`docs/_make_attacks.py`). *Refused in step …* means that `daccord record verify` ends there with exit code 1 and
names the entry, where one is at fault. The second verifier, in JavaScript, is run on the {whole} attacks on whole
records too and says the same, but for the statistical fit, receipts, promises and wheels, which it does not look at.
*Changes nothing* means that the decision is that of the honest record.

All of them together: {count}.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD.format(whole=len(ATTACKS), count=len(ATTACKS) + len(ELSEWHERE))]
    for room, title in ROOMS.items():
        rows = [(attack.defect, outcome_of(attack)) for attack in of_room(room)]
        rows += [
            (attack.defect[0].upper() + attack.defect[1:], attack.outcome)
            for attack in ELSEWHERE
            if attack.room == room
        ]
        lines = [f"| {defect.replace('|', '/')} | {outcome} |" for defect, outcome in rows]
        parts.append("\n".join([f"## {title}", "", "| attack | outcome |", "|---|---|", *lines, ""]))
    return "\n".join(parts)


def main() -> None:
    """Write the page, or say whether it is current."""
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("attacks.md is current" if current else "attacks.md is not current: run docs/_make_attacks.py")
        sys.exit(not current)
    PAGE.write_text(text, encoding="utf-8")
    print("attacks.md written")


if __name__ == "__main__":
    main()

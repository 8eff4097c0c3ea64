"""Write settlement/recipients.csv: an invented address for each project of the example round.

    python examples/make_recipients.py

The addresses are small integers, so nobody can have their keys by intent. THE ROUND IS SIMULATED; do not pay it.
"""

from __future__ import annotations

import csv
from pathlib import Path

from daccord.settlement import address_text

HERE = Path(__file__).resolve().parent
FIRST = 0x10001


def text() -> str:
    """The file."""
    with (HERE / "dacc" / "projects.csv").open(encoding="utf-8", newline="") as stream:
        projects = [row["id"] for row in csv.DictReader(stream) if row["kind"] != "technology"]
    addresses = (address_text((FIRST + place).to_bytes(20, "big")) for place in range(len(projects)))
    return "project,address\n" + "".join(f"{one},{address}\n" for one, address in zip(projects, addresses, strict=True))


if __name__ == "__main__":
    (HERE / "settlement").mkdir(exist_ok=True)
    (HERE / "settlement" / "recipients.csv").write_text(text(), encoding="utf-8")

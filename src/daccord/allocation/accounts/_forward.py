"""What a round leaves to the next one, written down as entries."""

from __future__ import annotations

from collections.abc import Iterable

from daccord.allocation.accounts._plan import Posting
from daccord.portfolio import Entry

__all__ = ["forward"]


def forward(postings: Iterable[Posting], unallocated: int, round_name: str, by: str) -> tuple[Entry, ...]:
    """Entries with which the next round goes on where this one ends.

    Debts become corrections, withheld money becomes credit of its project, and the rest of what stayed in the pot
    becomes a part of the next pot. Whether to carry over is the next round's decision: nothing happens unless these
    entries are put into its folder, and its budget has to contain the money.

    Args:
        postings: Of this round.
        unallocated: What stayed in the pot, minor units.
        round_name: Of this round; it becomes the reason.
        by: Who decides to carry over.

    Returns:
        Entries; the credit and the part of the pot add up to `unallocated`.
    """
    out = []
    for posting in postings:
        if posting.open < 0:
            why = f"not yet paid back after {round_name}: {posting.entry.reason}"
            out.append(Entry("correction", posting.entry.project, posting.open, why, by))
        elif posting.open > 0:
            why = f"withheld in {round_name}: {posting.entry.reason}"
            out.append(Entry("carry_over", posting.entry.project, posting.open, why, by))
            unallocated -= posting.open
    if unallocated > 0:
        out.append(Entry("carry_over", "", unallocated, f"not allocated in {round_name}", by))
    return tuple(out)

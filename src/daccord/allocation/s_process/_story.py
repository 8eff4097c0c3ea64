"""Who moved a project's money under `s-process`, in sentences."""

from __future__ import annotations

from typing import Final

from daccord.allocation._rules import MoneyTask
from daccord.allocation.s_process._spenders import POT
from daccord.allocation.s_process._trace import juror_effects, trace
from daccord.allocation.s_process._turns import settle

__all__ = ["story"]

_MOST: Final = 8


def story(task: MoneyTask, i: int) -> tuple[str, ...]:
    """Who paid the project at a position because of whose judgment, and what it would get without each juror."""
    found = settle(task)
    money = task.budget.currency.format
    cells = [cell for cell in trace(task, found) if cell.project == task.projects[i].id]
    said = []
    for funder in dict.fromkeys(cell.funder for cell in cells):
        own = sorted((cell for cell in cells if cell.funder == funder), key=lambda cell: (-cell.amount, cell.juror))
        parts = ", ".join(f"{money(cell.amount, code=False)} on the judgment of {cell.juror}" for cell in own)
        name = funder[:1].upper() + funder[1:] if funder == POT else funder
        said.append(f"{name} pays {money(sum(cell.amount for cell in own))} of it: {parts}.")
    changes = {juror: amounts[i] - found.amounts[i] for juror, amounts in juror_effects(task).items()}
    order = sorted(changes, key=lambda juror: (-abs(changes[juror]), juror))
    parts_ = [
        f"without {juror} {money(abs(changes[juror]), code=False)} {'more' if changes[juror] > 0 else 'less'}"
        for juror in order[:_MOST]
        if changes[juror]
    ]
    same = [juror for juror in order if not changes[juror]]
    if parts_:
        said.append(f"Had one juror said nothing, it would get: {'; '.join(parts_)}.")
    if same and len(order) <= _MOST:
        said.append(f"Without {' or '.join(same)} its award would be the same.")
    return tuple(said)

"""Who moved a project's money under `s-process`, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from daccord.allocation._rules import MoneyTask
from daccord.allocation.s_process._spenders import POT
from daccord.allocation.s_process._trace import Cell, juror_effects, trace
from daccord.allocation.s_process._turns import settle

__all__ = ["story"]

_MOST: Final = 8


def story(task: MoneyTask) -> Callable[[int], tuple[str, ...]]:
    """Who paid the project at a position because of whose judgment, and what it would get without each juror."""
    found = settle(task)
    cells = trace(task, found)
    effects = juror_effects(task)
    money = task.budget.currency.format

    def tell(i: int) -> tuple[str, ...]:
        own = [cell for cell in cells if cell.project == task.ids[i]]
        said = [_paid(own, funder, money) for funder in dict.fromkeys(cell.funder for cell in own)]
        changes = {juror: amounts[i] - found.amounts[i] for juror, amounts in effects.items()}
        order = sorted(changes, key=lambda juror: (-abs(changes[juror]), juror))
        moved = [
            f"without {juror} {money(abs(changes[juror]), code=False)} {'more' if changes[juror] > 0 else 'less'}"
            for juror in order[:_MOST]
            if changes[juror]
        ]
        same = [juror for juror in order if not changes[juror]]
        if moved:
            said.append(f"Had one juror said nothing, it would get: {'; '.join(moved)}.")
        if same and len(order) <= _MOST:
            said.append(f"Without {' or '.join(same)} its award would be the same.")
        return tuple(said)

    return tell


def _paid(cells: Sequence[Cell], funder: str, money: Callable[..., str]) -> str:
    own = sorted((cell for cell in cells if cell.funder == funder), key=lambda cell: (-cell.amount, cell.juror))
    parts = ", ".join(f"{money(cell.amount, code=False)} on the judgment of {cell.juror}" for cell in own)
    name = funder[:1].upper() + funder[1:] if funder == POT else funder
    return f"{name} pays {money(sum(cell.amount for cell in own))} of it: {parts}."

"""Words and numbers of the futures commands."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daccord.formats.worlds import WorldFile

__all__ = ["MODEL", "banner", "money", "signed", "wrap", "years"]

MODEL: Final = "A model, not a forecast: it says what follows from the beliefs in the file."
FICTIONAL: Final = "FICTIONAL WORLD: its numbers are invented"


def banner(file: WorldFile) -> str:
    """What stands above every result."""
    return f"{FICTIONAL}. {MODEL}" if file.fictional else MODEL


def money(amount: float) -> str:
    """An amount with three digits."""
    return f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:.3g}" if amount > 1e-9 else "0"


def signed(value: float) -> str:
    """A small number with its sign and two digits."""
    return "0" if abs(value) < 1e-12 else f"{value:+.2g}"


def wrap(title: str) -> str:
    """A title as the head of a narrow column."""
    return "\n".join(textwrap.wrap(title, 11)) or title


def years(value: float, error: float | None = None) -> str:
    """Years of life, in days if that reads better, with a standard error in the same unit."""
    if abs(value) >= 0.1 or value == 0:
        return f"{value:.2f}{'' if error is None else f' ± {error:.2f}'} years" if value else "0 years"
    return f"{value * 365.25:.2g}{'' if error is None else f' ± {error * 365.25:.2g}'} days"

"""Words of the futures commands; numbers in words are those of the page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daccord.formats.worlds import WorldFile

__all__ = ["MODEL", "banner", "wrap"]

MODEL: Final = "A model, not a forecast: it says what follows from the beliefs in the file."
FICTIONAL: Final = "FICTIONAL WORLD: its numbers are invented"


def banner(file: WorldFile) -> str:
    """What stands above every result."""
    return f"{FICTIONAL}. {MODEL}" if file.fictional else MODEL


def wrap(title: str) -> str:
    """A title as the head of a narrow column."""
    return "\n".join(textwrap.wrap(title, 11)) or title

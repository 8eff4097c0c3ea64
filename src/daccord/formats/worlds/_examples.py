"""Example worlds that come with daccord; all are made up, and say so."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

__all__ = ["Example", "examples"]


@dataclass(frozen=True)
class Example:
    """An example world.

    Attributes:
        title: For people.
        text: The file.
    """

    title: str
    text: str


def examples() -> dict[str, Example]:
    """Name → example, by name."""
    folder = resources.files("daccord.formats.worlds") / "examples"
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return {name: Example(tomllib.loads(text)["title"], text) for name, text in sorted(texts.items())}

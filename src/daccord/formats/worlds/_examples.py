"""Example worlds that come with daccord; all are made up, and say so."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

from daccord.formats.worlds._register import register_path

__all__ = ["Example", "examples"]


@dataclass(frozen=True)
class Example:
    """An example world.

    Attributes:
        title: For people.
        text: The file.
        register: Its register, if its numbers were put down before they were run; empty otherwise.
    """

    title: str
    text: str
    register: str = ""


def examples() -> dict[str, Example]:
    """Name → example, by name."""
    folder = resources.files("daccord.formats.worlds") / "examples"
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    found = {}
    for name, text in sorted(texts.items()):
        register = folder / register_path(f"{name}.toml").name
        kept = register.read_text(encoding="utf-8") if register.is_file() else ""
        found[name] = Example(tomllib.loads(text)["title"], text, kept)
    return found

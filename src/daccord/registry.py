"""Named rules: objects that a round's rules call by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar

from daccord.errors import InputError

__all__ = ["Named", "Registry"]


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """What a round's rules call it."""


R = TypeVar("R", bound=Named)


class Registry(Mapping[str, R]):
    """Rules of one kind by name, in the order they were added.

    Args:
        kind: What such a rule is called, for messages.
        key: Dotted key of `round.toml` that names one.
    """

    def __init__(self, kind: str, key: str) -> None:
        self._kind, self._key = kind, key
        self._rules: dict[str, R] = {}

    def __getitem__(self, name: str) -> R:
        return self._rules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def add(self, rule: R) -> R:
        """Add a rule; its name must be new.

        Raises:
            ValueError: The name is taken.
        """
        if rule.name in self._rules:
            raise ValueError(f"a {self._kind} named {rule.name!r} is registered already")
        self._rules[rule.name] = rule
        return rule

    def find(self, name: str) -> R:
        """The rule with this name.

        Raises:
            InputError: There is none.
        """
        if name not in self._rules:
            raise InputError.single(
                "round.toml",
                f"no {self._kind} is called {name!r}",
                column=self._key,
                remedy=f"use one of {', '.join(sorted(self._rules))}",
            )
        return self._rules[name]

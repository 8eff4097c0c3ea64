"""Fusion rules as named objects with their model, assumptions, failure modes and source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from daccord.errors import InputError
from daccord.fusion._beliefs import CriterionBeliefs
from daccord.fusion._task import FusionTask

__all__ = ["FUSION_RULES", "FusionRule", "fusion_rule", "register"]


@dataclass(frozen=True)
class FusionRule:
    """A way to turn judgments into beliefs.

    Attributes:
        name: What the round's rules call it.
        title: For people.
        model: The statistical model in one paragraph.
        assumptions: What must hold for it to be right.
        failure_modes: How it goes wrong, and how one would notice.
        source: Paper or project it comes from.
        fit: The computation.
    """

    name: str
    title: str
    model: str
    assumptions: tuple[str, ...]
    failure_modes: tuple[str, ...]
    source: str
    fit: Callable[[FusionTask], CriterionBeliefs]


_REGISTRY: dict[str, FusionRule] = {}

FUSION_RULES: Mapping[str, FusionRule] = MappingProxyType(_REGISTRY)
"""All registered rules by name."""


def register(rule: FusionRule) -> FusionRule:
    """Add a rule; its name must be new.

    Raises:
        ValueError: The name is taken.
    """
    if rule.name in _REGISTRY:
        raise ValueError(f"a fusion rule named {rule.name!r} is registered already")
    _REGISTRY[rule.name] = rule
    return rule


def fusion_rule(name: str) -> FusionRule:
    """The rule with this name.

    Raises:
        InputError: There is none.
    """
    try:
        return _REGISTRY[name]
    except KeyError:
        raise InputError.single(
            "round.toml",
            f"no fusion rule is called {name!r}",
            column="rules.fusion",
            remedy=f"use one of {', '.join(sorted(_REGISTRY))}",
        ) from None

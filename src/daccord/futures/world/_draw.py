"""Drawing worlds: every number of every world from a seed.

Model. World i has one normal score for each question q, e.g. `arrival:vaccines`, and for two common factors:

    z_iq = √(1 − c_q²) ε_iq + c_q F_i          F = −(AI progress) for arrivals, (optimism) for efficacies, else c = 0

so that what each evaluator stated stays each question's marginal distribution. World i belongs to one evaluator e_i,
drawn by weight, who answers all its questions (`mixing="person"`), or to an evaluator anew for each question
(`mixing="question"`, to price single disagreements). Who did not answer a question is stood in for by one of those who
did, drawn anew.

ε_iq is the i-th output of the counter-based generator Philox with the key (seed, SHA-256 of the question's name),
through the inverse distribution function. World i is therefore the same world whatever else is drawn: more worlds,
worlds from i on in another process, or a world description with another technology added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from daccord.futures.world._check import check
from daccord.futures.world._describe import World
from daccord.futures.world._quantity import Belief, Quantity

__all__ = ["Draws", "Mixing", "Uniforms", "draw", "draw_from", "inputs_of", "uniforms"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

Mixing = Literal["person", "question"]

Uniforms = Callable[[str], FloatArray]
"""Question or factor → numbers in (0, 1), shape (n_worlds,)."""

PROGRESS: Final = "factor:progress"
OPTIMISM: Final = "factor:optimism"
EVALUATOR: Final = "evaluator"


@dataclass(frozen=True)
class Draws:
    """Worlds with all their numbers; n worlds, K technologies, R risks, in the order of the description.

    Attributes:
        world: The description.
        size: n.
        time: Years until arrival at today's spending; infinite if never. Shape (n, K), as the next.
        elasticity: Of speed with respect to spending.
        leak: Share of slowing that does not take.
        lift: Gain in log consumption.
        growth: Gain in growth, per year.
        longevity: Share by which mortality falls.
        transition: Probability of catastrophe on arrival, before safety.
        decline: Its own decline, per year.
        hazard: Base hazard, per year. Shape (n, R), as the next.
        floor: Common-cause share.
        severity: Share of welfare lost.
        strength: Of each role, in the order of `world.roles`. Shape (n, roles), as the next.
        lead: Years.
        delay: Years.
        evaluator: Position of each world's evaluator; 0 if there are none. Shape (n,).
        answers: Question → the number in each world. Questions on which nobody has doubts are left out.
        answered_by: Question on which evaluators differ → position of who answered, shape (n,).
    """

    world: World
    size: int
    time: FloatArray
    elasticity: FloatArray
    leak: FloatArray
    lift: FloatArray
    growth: FloatArray
    longevity: FloatArray
    transition: FloatArray
    decline: FloatArray
    hazard: FloatArray
    floor: FloatArray
    severity: FloatArray
    strength: FloatArray
    lead: FloatArray
    delay: FloatArray
    evaluator: IntArray
    answers: Mapping[str, FloatArray]
    answered_by: Mapping[str, IntArray]


def uniforms(seed: int, size: int, start: int = 0) -> Uniforms:
    """Worlds `start` to `start + size` of the stream that belongs to a seed.

    Args:
        seed: 64 bits of it count.
        size: Number of worlds.
        start: First world.
    """

    def of(question: str) -> FloatArray:
        tag = int.from_bytes(hashlib.sha256(question.encode()).digest()[:8], "little")
        blocks, skipped = divmod(start, 4)  # Philox makes four words a count
        generator = np.random.Philox(key=np.array([seed & (2**64 - 1), tag], np.uint64), counter=[blocks, 0, 0, 0])
        bits = generator.random_raw(skipped + size)[skipped:]
        return np.asarray(((bits >> 11) + 0.5) / 2.0**53)

    return of


def draw(world: World, size: int, seed: int, *, start: int = 0, mixing: Mixing = "person") -> Draws:
    """Worlds `start` to `start + size` of a description.

    Args:
        world: The description.
        size: Number of worlds.
        seed: Where randomness starts; the same seed gives the same worlds.
        start: First world, so that processes can share the work.
        mixing: Whether a world belongs to one evaluator or, question by question, to any.

    Raises:
        InputError: The description is refused by `check`.
    """
    return draw_from(world, size, uniforms(seed, size, start), mixing)


def inputs_of(world: World) -> tuple[str, ...]:
    """What is uncertain in a world: evaluator, factors and questions with doubt, as `draw_from` asks for them."""
    asked: list[str] = []
    draw_from(world, 1, lambda name: asked.append(name) or np.full(1, 0.5))  # type: ignore[func-returns-value]
    return tuple(dict.fromkeys(asked))


def draw_from(world: World, size: int, source: Uniforms, mixing: Mixing = "person") -> Draws:
    """Worlds from given uniform numbers, for sensitivity analysis; `draw` is this with Philox behind it.

    Args:
        world: The description.
        size: Number of worlds.
        source: Where uniform numbers come from.
        mixing: As for `draw`.

    Raises:
        InputError: The description is refused by `check`.
    """
    check(world)
    maker = _Maker(world, size, source, mixing)
    technologies = world.technologies

    def table(name: str, factor: str = "", loads: list[float] | None = None) -> FloatArray:
        columns = [
            maker.belief(f"{name}:{technology.id}", getattr(technology, name), factor, loads[k] if loads else 0.0)
            for k, technology in enumerate(technologies)
        ]
        return np.stack(columns, axis=1)

    loads = [-(world.progress if technology.factor is None else technology.factor) for technology in technologies]
    time = table("arrival", PROGRESS, loads)
    for k, technology in enumerate(technologies):
        chance = maker.belief(f"never:{technology.id}", technology.never)
        if (chance > 0).any():
            time[source(f"ever:{technology.id}") < chance, k] = np.inf
    roles = world.roles
    strength = [
        maker.belief(role.name, role.strength, OPTIMISM, world.optimism)
        if role.kind in {"defends", "makes_safe", "substitutes"}
        else maker.belief(role.name, role.strength)
        for role in roles
    ]
    leads = [maker.belief(f"lead:{role.name}", role.lead) for role in roles]
    delays = [maker.belief(f"delay:{role.name}", role.delay) for role in roles]
    risks = [[maker.belief(f"{name}:{r.id}", getattr(r, name)) for r in world.risks] for name in _RISK]
    hazard, floor, severity = (_columns(columns, size) for columns in risks)
    names = ("elasticity", "leak", "lift", "growth", "longevity", "transition", "decline")
    rest = {name: table(name) for name in names}
    return Draws(
        world, size, time, **rest, hazard=hazard, floor=floor, severity=severity, strength=_columns(strength, size),
        lead=_columns(leads, size), delay=_columns(delays, size), evaluator=maker.person, answers=maker.answers,
        answered_by=maker.answered_by,
    )  # fmt: skip


_RISK: Final = ("hazard", "floor", "severity")


def _columns(columns: list[FloatArray], size: int) -> FloatArray:
    return np.stack(columns, axis=1) if columns else np.zeros((size, 0))


class _Maker:
    """One set of uniform numbers on its way to beliefs."""

    def __init__(self, world: World, size: int, source: Uniforms, mixing: Mixing) -> None:
        self.world, self.size, self.source, self.mixing = world, size, source, mixing
        self.answers: dict[str, FloatArray] = {}
        self.answered_by: dict[str, IntArray] = {}
        self._factors: dict[str, FloatArray] = {}
        weights = np.array(world.weights or [1.0] * len(world.evaluators))
        self._ends = np.cumsum(weights) / weights.sum() if len(weights) else np.ones(1)
        self.person = self._pick(source(EVALUATOR)) if len(weights) > 1 else np.zeros(size, np.intp)

    def _pick(self, uniform: FloatArray) -> IntArray:
        return np.minimum(np.searchsorted(self._ends, uniform, side="right"), len(self._ends) - 1)

    def _who(self, question: str, table: Mapping[str, Quantity]) -> IntArray:
        names = self.world.evaluators
        who = self.person
        if self.mixing == "question" and len(names) > 1:
            who = self._pick(self.source(f"by:{question}"))
        spoke = np.array([name in table for name in names])
        silent = ~spoke[who]
        if silent.any():
            weights = np.array(self.world.weights or [1.0] * len(names)) * spoke
            ends = np.cumsum(weights if weights.sum() > 0 else spoke.astype(float))
            stand_in = np.searchsorted(ends / ends[-1], self.source(f"for:{question}"), side="right")
            who = np.where(silent, np.minimum(stand_in, len(names) - 1), who)
        return who

    def _scores(self, question: str, factor: str, load: float) -> FloatArray:
        own = np.asarray(ndtri(self.source(question)))
        if not load:
            return own
        if factor not in self._factors:
            self._factors[factor] = np.asarray(ndtri(self.source(factor)))
        return np.asarray(np.sqrt(1 - load * load) * own + load * self._factors[factor])

    def belief(self, question: str, belief: Belief, factor: str = "", load: float = 0.0) -> FloatArray:
        """The number that answers a question in each world."""
        table = {"": belief} if isinstance(belief, Quantity) else dict(belief)
        quantities = list(dict.fromkeys(table.values()))
        if len(quantities) == 1 and quantities[0].shape == "fixed":
            return np.full(self.size, quantities[0].low)
        z = self._scores(question, factor, load)
        if len(quantities) == 1:
            value = quantities[0].at(z)
        else:
            who = self._who(question, table)
            value = np.empty(self.size)
            for e, name in enumerate(self.world.evaluators):
                mine = who == e
                if mine.any():
                    value[mine] = table[name].at(z[mine])
            self.answered_by[question] = who
        self.answers[question] = value
        return value

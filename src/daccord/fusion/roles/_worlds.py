"""Worlds: joint draws of everything judged about one project, with the juror kept as a random index.

A world is drawn in two steps: first a juror, each equally often, then every quantity from that juror's own answer, or
from the pool of all answers where this juror gave none. So what one person believes stays together (a person who
thinks that a reactor is a weapon believes less in its defence as well), and disagreement is never averaged away.

The levels u at which answers are read are evenly spread, (k + ½) / K, and dealt out in an order that depends on the
round's seed and on the quantity alone. Hence every published number is a sum over jurors of what each one's answers
say, no name of a person, team or file changes it, and raising an end of an answer raises every draw from it or leaves
it as it is: what follows is monotone to the last digit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from daccord.fusion.roles._interval import FloatArray, Pool, quantiles_of

__all__ = ["DRAWS", "Quantity", "Worlds"]

DRAWS: Final = 2000
"""Worlds of a project, about."""

_FEWEST: Final = 100


@dataclass(frozen=True, eq=False)
class Quantity:
    """Something judged.

    Attributes:
        key: Tells it from all others.
        own: Juror id → knots of the answer, shape (4,).
        pool: All of them; None if too few told, and then it is not known.
    """

    key: str
    own: Mapping[str, FloatArray]
    pool: Pool | None

    @classmethod
    def of(cls, key: str, own: Mapping[str, FloatArray], least: int, *, secret: bool = False) -> Quantity:
        """A quantity that is known from `least` answers on; if it is secret, without the names of who gave them."""
        if len(own) < max(1, least):
            return cls(key, {} if secret else own, None)
        answers = sorted(own.values(), key=np.ndarray.tolist)  # the last bit of a sum must not depend on names
        return cls(key, {} if secret else own, Pool.of(answers))


class Worlds:
    """Draws for one project.

    Args:
        seed: The round's.
        people: Juror ids, in an order that no file decides; without any, all is drawn from pools.
    """

    def __init__(self, seed: int, people: Sequence[str]) -> None:
        self.people = tuple(people) or ("",)
        self.each = max(_FEWEST, -(-DRAWS // len(self.people)))
        self._seed = seed
        self._drawn: dict[str, FloatArray] = {}

    def draw(self, quantity: Quantity) -> FloatArray:
        """Values, shape (n_people, n_draws_each).

        Raises:
            ValueError: The quantity is not known.
        """
        if quantity.pool is None:
            raise ValueError(f"{quantity.key} is not known")
        if quantity.key not in self._drawn:
            u = self._levels(quantity.key)
            out = np.empty((len(self.people), self.each))
            rows = [i for i, name in enumerate(self.people) if name in quantity.own]
            if len(rows) < len(self.people):
                out[:] = quantity.pool.quantile(u)
            if rows:
                out[rows] = quantiles_of(np.stack([quantity.own[self.people[i]] for i in rows]), u)
            self._drawn[quantity.key] = out
        return self._drawn[quantity.key]

    def _levels(self, key: str) -> FloatArray:
        digest = hashlib.sha256(f"{self._seed}\n{key}".encode()).digest()
        order = np.argsort(np.random.Philox(key=int.from_bytes(digest[:16], "big")).random_raw(self.each))
        return np.asarray((order + 0.5) / self.each)

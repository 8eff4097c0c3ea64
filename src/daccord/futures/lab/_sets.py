"""Parameter sets that show both signs of a lever: worlds made up to make one mechanism visible, not forecasts.

A model that could only ever find that acceleration harms, or that regulation helps, would be propaganda. Each pair here
pulls the same lever with opposite results:

    acceleration   helps where it ends a hazard that is there anyway; harms where arrival is risky and waiting makes it
                   safer (the first sign is the argument of L. Aschenbrenner and P. Trammell, the second C. Jones' and
                   N. Bostrom's)
    regulation     harms where launches are nearly safe; helps where they are not (the zones of T. A. Han et al., 2020)
    dearer compute helps if αS < βθ, harms if αS > βθ (M. Jensen, N. Emery-Xu, R. Trager, 2023)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from daccord.futures.anchors.compute_price import Labs
from daccord.futures.lab._conditions import Conditions
from daccord.futures.lab._constitution import Constitution
from daccord.futures.lab._market import Market
from daccord.futures.lab._pause import Pause
from daccord.futures.lab._run import run
from daccord.futures.lab._stage import prepare
from daccord.futures.world import Risk, Role, Technology, World, fixed, interval

__all__ = ["BOTH_SIGNS", "Lever", "pull"]

_MACHINE = Technology(
    "machine",
    interval(4, 25),
    spending=100.0,
    elasticity=fixed(0.3),
    leak=fixed(0.2),
    lift=fixed(0.8),
    growth=fixed(0.02),
    longevity=fixed(0.3),
    title="Machine intelligence",
)
_CALM = Conditions(actors=6, noise=0.0, leak=0.0, capture=0.0)


def _world(transition: float, decline: float, hazard: float = 0.0) -> World:
    risks = (Risk("plague", fixed(hazard), title="A hazard that is there anyway"),) if hazard else ()
    roles = (Role("defends", "machine", "plague", fixed(0.9)),) if hazard else ()
    return World((replace(_MACHINE, transition=fixed(transition), decline=fixed(decline)),), risks, roles, horizon=60.0)


@dataclass(frozen=True)
class Lever:
    """A lever and what it should do.

    Attributes:
        name: Of the set.
        helps: Whether welfare rises when the lever is pulled.
        world: The world.
        without: Constitution without the lever.
        pulled: And with it.
        money: Money a year for each technology when it is pulled.
        conditions: Scenario without the lever.
        changed: And with it.
        care: As for `prepare`.
    """

    name: str
    helps: bool
    world: World
    without: Constitution = Constitution(planned=True)  # noqa: RUF009 - frozen
    pulled: Constitution = Constitution(planned=True)  # noqa: RUF009 - frozen
    money: tuple[float, ...] = (0.0,)
    conditions: Conditions = _CALM
    changed: Conditions = _CALM
    care: float = 0.5


def _tax(name: str, helps: bool, labs: Labs) -> Lever:
    dear, cheap = (replace(_CALM, labs=labs, price=price) for price in (0.2, 0.02))
    return Lever(name, helps, _world(1.0, 0.0), conditions=cheap, changed=dear, care=1.0)


_HASTY = replace(_CALM, rush=3.0)
_HOLD = Pause(signers=0, years=15)

BOTH_SIGNS: tuple[Lever, ...] = (
    Lever("acceleration helps", True, _world(0.0, 0.0, 0.02), money=(100.0,)),
    Lever("acceleration harms", False, _world(0.6, 0.1), money=(100.0,)),
    Lever("regulation helps", True, _world(0.8, 0.08), Market(), _HOLD, conditions=_HASTY, changed=_HASTY),
    Lever("regulation harms", False, _world(0.002, 0.08), Market(), _HOLD, conditions=_HASTY, changed=_HASTY),
    _tax("dearer compute helps", True, Labs(0.3, 0.7)),
    _tax("dearer compute harms", False, Labs(0.7, 0.3)),
)
"""Both signs of three levers."""


def pull(lever: Lever, size: int, seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Welfare by world without and with the lever, in the same worlds.

    Args:
        lever: Which.
        size: Number of worlds.
        seed: Where randomness starts.
    """
    none, money = np.zeros(len(lever.money)), np.array(lever.money)
    before = prepare(lever.world, size, seed, planned=none, care=lever.care)
    after = prepare(lever.world, size, seed, planned=money, care=lever.care) if money.any() else before
    return run(before, lever.without, lever.conditions).welfare, run(after, lever.pulled, lever.changed).welfare

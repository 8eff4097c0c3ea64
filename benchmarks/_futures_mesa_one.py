"""The market of the futures lab as agents in Mesa: one world at a time, one actor at a time. Run by `futures_mesa.py`.

Imports nothing of daccord. Chances, errors and stakes come in a file, so that both must find the same years of launch
and the same units of compute, world by world.

    python _futures_mesa_one.py IN.npz OUT.npz
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

import numpy as np


def main() -> None:
    """Read, run every world, write; says on stdout how long the worlds took, or that Mesa is missing."""
    try:
        import mesa  # noqa: PLC0415 - may be missing
    except ImportError:
        print(json.dumps({"skipped": "mesa is not installed"}))
        return

    class Actor(mesa.Agent):  # type: ignore[misc]
        """Judges, launches, builds."""

        def __init__(self, model: Any, place: int) -> None:  # noqa: ANN401 - Mesa's
            super().__init__(model)
            self.place = place
            self.units = 1

        def judge(self, g: int) -> None:
            """Launch if it seems worth it to this actor."""
            model = self.model
            blur = model.noise / math.sqrt(1 + model.learning * max(0, model.year - math.floor(model.mature[g])))
            gain, danger = model.gain[g][model.year], model.danger[g][model.year]
            errors = model.errors[g]
            seen = model.truth[g][model.year] + blur * (gain * errors[0][self.place] - danger * errors[1][self.place])
            if seen + model.rush >= 0:
                model.launched[g] = model.year

        @property
        def pull(self) -> float:
            """On new compute."""
            return float(self.units**self.model.returns)

    class Market(mesa.Model):  # type: ignore[misc]
        """One world."""

        def __init__(self, given: dict[str, Any], world: int) -> None:
            super().__init__(seed=world)
            for name in ("noise", "learning", "rush", "returns", "diffusion"):
                setattr(self, name, float(given[name]))
            self.pace = int(given["pace"])
            for name in ("mature", "truth", "gain", "danger", "errors"):
                setattr(self, name, given[name][:, world].tolist())
            self.urn = given["urn"][:, :, world].tolist()
            self.year = 0
            self.launched = [math.inf] * len(self.mature)
            self.actors = [Actor(self, place) for place in range(int(given["actors"]))]
            self.hhi: list[float] = []

        def step(self) -> None:
            """A year."""
            for g, mature in enumerate(self.mature):
                if mature < self.year + 1 and math.isinf(self.launched[g]):
                    self.agents.do("judge", g)
            total = sum(actor.units for actor in self.actors)
            self.hhi.append(sum((actor.units / total) ** 2 for actor in self.actors))
            pulls = [actor.pull for actor in self.actors]
            whole, alike = sum(pulls), self.diffusion / len(self.actors)
            odds = [(1 - self.diffusion) * pull / whole + alike for pull in pulls]
            for chance in self.urn[self.year]:
                left = chance
                for actor, share in zip(self.actors, odds, strict=True):  # noqa: B007 - the last one builds
                    left -= share
                    if left < 0:
                        break
                actor.units += 1
            self.year += 1

    with np.load(sys.argv[1]) as file:
        given = {name: file[name] for name in file.files}
    years, worlds = given["urn"].shape[0], given["urn"].shape[2]
    launched, hhi, units = [], [], []
    begin = time.process_time()
    for world in range(worlds):
        market = Market(given, world)
        for _ in range(years):
            market.step()
        launched.append(market.launched)
        hhi.append(market.hhi)
        units.append([actor.units for actor in market.actors])
    seconds = time.process_time() - begin
    np.savez(sys.argv[2], launched=np.array(launched), hhi=np.array(hhi), units=np.array(units))
    print(json.dumps({"seconds": seconds, "version": mesa.__version__}))


if __name__ == "__main__":
    main()

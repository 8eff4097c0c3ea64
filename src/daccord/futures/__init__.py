"""Futures lab: which technologies first, and who should decide. Everything in this room is a model, not a forecast.

`anchors` holds published models as small functions, which check ours; `power` who decides in a weighted vote; `world`
technologies, arrival, hazards and welfare; `planner` the best budget. All are pure: randomness only from a given seed.
"""

__all__: list[str] = []

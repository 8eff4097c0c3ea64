"""Published models as small functions, each with figures that this program must reproduce.

They are checks of the world and the planner, and parts of them: an anchor is nested where the world reduces to it. One
module a model; each opens with its equations, units and source. `figures` lists what the sources print beside what is
computed here, mismatches included.
"""

__all__: list[str] = []

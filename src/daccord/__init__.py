"""daccord: decide together, in the open, which technologies to speed up and which to hold back.

```python
from daccord import decide, load_round

decision = decide(load_round("examples/dacc"))
for award in decision.allocation.awards:
    print(award.project, award.amount)
```

```python
from daccord import load_world, plan

file = load_world("my-world.toml")
found = plan(file.world, file.budget, seed=1, fundable=file.fundable)
print(found.gain, found.error)
```
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from daccord.audit import Verification, verify_record
    from daccord.errors import DaccordError, InputError
    from daccord.formats import load_round
    from daccord.formats.worlds import WorldFile, load_world
    from daccord.futures.planner import Plan, plan
    from daccord.pipeline import Decision, decide
    from daccord.round import Round

__all__ = [
    "DaccordError",
    "Decision",
    "InputError",
    "Plan",
    "Round",
    "Verification",
    "WorldFile",
    "decide",
    "load_round",
    "load_world",
    "plan",
    "verify_record",
]

_HOME = {
    "DaccordError": "daccord.errors",
    "Decision": "daccord.pipeline",
    "InputError": "daccord.errors",
    "Plan": "daccord.futures.planner",
    "Round": "daccord.round",
    "Verification": "daccord.audit",
    "WorldFile": "daccord.formats.worlds",
    "decide": "daccord.pipeline",
    "load_round": "daccord.formats",
    "load_world": "daccord.formats.worlds",
    "plan": "daccord.futures.planner",
    "verify_record": "daccord.audit",
}


def __getattr__(name: str) -> object:
    """Public names are imported on first use, so that `daccord --help` stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'daccord' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)

"""Pabulib's `.pb` files: participatory budgets with projects, costs, ballots and what was decided.

```python
from pathlib import Path
from daccord.formats.pabulib import import_pabulib, read_pabulib

imported = import_pabulib(read_pabulib(Path("city.pb")))
imported.round, imported.official
```

`read_pabulib` takes a file apart and `pabulib_bytes` writes it back; `import_pabulib` makes a round of it, and
`export_pabulib` a file of a round in which people voted.
"""

from __future__ import annotations

from daccord.formats._pabulib_export import export_pabulib
from daccord.formats._pabulib_file import PabulibFile, Section, pabulib_bytes, parse_pabulib, read_pabulib
from daccord.formats._pabulib_round import RULES, PabulibRound, import_pabulib
from daccord.formats._pabulib_votes import VOTE_TYPES

__all__ = [
    "RULES",
    "VOTE_TYPES",
    "PabulibFile",
    "PabulibRound",
    "Section",
    "export_pabulib",
    "import_pabulib",
    "pabulib_bytes",
    "parse_pabulib",
    "read_pabulib",
]

"""Optimism's Retro Funding with metrics: signed ballots and measured results, made into a round.

```python
from pathlib import Path
from daccord.formats.retropgf import import_retropgf

round_ = import_retropgf(Path("retro-funding-4"))
```
"""

from __future__ import annotations

from daccord.formats._retropgf_files import Ballot, Files, Said, find_files, read_ballots, read_official, read_projects
from daccord.formats._retropgf_round import MARK, RetroSpec, import_retropgf

__all__ = [
    "MARK",
    "Ballot",
    "Files",
    "RetroSpec",
    "Said",
    "find_files",
    "import_retropgf",
    "read_ballots",
    "read_official",
    "read_projects",
]

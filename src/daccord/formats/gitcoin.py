"""Gitcoin rounds: donations by address, made into a round that matches them.

```python
from fractions import Fraction
from pathlib import Path
from daccord.formats.gitcoin import GitcoinSpec, import_gitcoin

round_ = import_gitcoin(Path("contributions.csv"), GitcoinSpec(pot=Fraction(100_000)))
```

Numbers are read strictly, donors get pseudonyms, and what was rounded or could not be linked is said in the round's
notices.
"""

from __future__ import annotations

from daccord.formats._gitcoin_files import Donation, Result, read_donations, read_results
from daccord.formats._gitcoin_round import GitcoinSpec, import_gitcoin, link_results

__all__ = ["Donation", "GitcoinSpec", "Result", "import_gitcoin", "link_results", "read_donations", "read_results"]

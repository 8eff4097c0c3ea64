"""Deep Funding contests: comparisons by people and models, and weight lists, made into a round.

```python
from pathlib import Path
from daccord.formats.deepfunding import import_deepfunding, preset

round_ = import_deepfunding(preset("gg24", Path("gg24")))
```

Every number is read strictly, names are compared exactly (see `BUILTIN_ALIASES`), and whatever was set aside is said in
the round's notices. `read_comparisons` and `read_weights` give single files row by row, as published.
"""

from __future__ import annotations

from daccord.formats._deepfunding_comparisons import ComparisonTable, read_comparisons
from daccord.formats._deepfunding_lists import WeightTable, read_aliases, read_items, read_weights
from daccord.formats._deepfunding_names import BUILTIN_ALIASES
from daccord.formats._deepfunding_presets import PRESETS, preset
from daccord.formats._deepfunding_round import import_deepfunding
from daccord.formats._deepfunding_spec import QUESTION, ImportSpec, ModelFile

__all__ = [
    "BUILTIN_ALIASES",
    "PRESETS",
    "QUESTION",
    "ComparisonTable",
    "ImportSpec",
    "ModelFile",
    "WeightTable",
    "import_deepfunding",
    "preset",
    "read_aliases",
    "read_comparisons",
    "read_items",
    "read_weights",
]

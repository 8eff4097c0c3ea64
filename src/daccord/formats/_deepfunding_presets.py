"""The two published contests, imported from a fetched folder with the options that belong to them.

What is known about each model, with its source:

* The ensemble's prompts quoted the jury's ranking, as its reasoning and its comparison files say: *seen*.
* The contestant Collins2003 chose the spread of his weights by the score that the jury's answers gave to each
  submission (`level1_WRITEUP.md` in the repository of the list): *seen*.
* The list aswin_submission_phase5 was fitted to 407 of the jury's comparisons (`Readme.md` there): *seen*. Its file was
  called `submission_phase5_20251006_161734.csv`, so it was fixed at that time; the time zone is not stated.
* The contestant 3078024889 blended 70 % of Arbitron's Huber-log weights with a PageRank of the dependency graph
  (`build_graph.py` there), and l1-predictions_example equals Arbitron's Huber-log weights: *blind*, and near-copies
  under other names, which is for fusion to find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from daccord.errors import InputError
from daccord.formats._deepfunding_lists import read_weights
from daccord.formats._deepfunding_spec import ImportSpec, ModelFile
from daccord.money import Currency
from daccord.round import Budget

__all__ = ["PRESETS", "preset"]

_SET_BY = "the organisers of Deep Funding"


def _gg24(folder: Path) -> ImportSpec:
    runs = [ModelFile(path, "arbitron") for path in _all(folder, "ai/arbitron_runs", "deepfunding-gg24")]
    fits = [
        ModelFile(path, f"arbitron-{path.stem}") for path in _all(folder, "ai/arbitron_weights", "deepfunding-gg24")
    ]
    contestants = [ModelFile(path) for path in _all(folder, "contestants", "deepfunding-gg24")]
    tuned = "Collins2003"
    notices = ["LLM_ensemble_v7 had seen the jury's ranking: it can show no skill and gets no weight"]
    if any(file.path.stem == tuned for file in contestants):
        notices.append(f"{tuned} was tuned to the jury's scores: it can show no skill and gets no weight")
    else:
        notices.append(f"contestants/{tuned}.csv is not in the folder and was left out")
    return ImportSpec(
        human=(_one(folder, "human/pairwise_data.csv", "deepfunding-gg24"),),
        ai=(*runs, ModelFile(_one(folder, "ai/llm_comparisons_v7.csv", "deepfunding-gg24"))),
        lists=(*fits, *contestants),
        items=_one(folder, "items/repos_to_predict.csv", "deepfunding-gg24"),
        builtin_aliases=True,
        families={"arbitron": "arbitron", "LLM_ensemble_v7": "llm-ensemble"} | {file.name: "arbitron" for file in fits},
        seen=("LLM_ensemble_v7", *(file.path.stem for file in contestants if file.path.stem == tuned)),
        drop=(1.1,),
        name="Deep Funding GG24, level 1",
        goal_set_by=_SET_BY,
        budget=Budget(35_000_000, Currency("USD", 2)),
        notices=tuple(notices),
        root=folder,
    )


def _trial(folder: Path) -> ImportSpec:
    lists = []
    notices = [
        "aswin_submission_phase5 was fitted to the jury's answers: it can show no skill and gets no weight",
        "how composite_model was made is not published; it is taken as blind to the jury's answers",
        "the pot of 350,000 USD is that of the later round GG24; the trial's files name none",
    ]
    for stem in ("arbitron", "composite_model", "final_seer_weights", "aswin_submission_phase5"):
        file = ModelFile(_one(folder, f"ai/{stem}.csv", "deepfunding-trial"), stem)
        if stem == "final_seer_weights":
            # Published with a stray letter in one weight; who mends the file gets the list.
            try:
                read_weights(file.path, file.path.relative_to(folder).as_posix())
            except InputError as error:
                notices.append(f"{stem} was left out: {error}")
                continue
        lists.append(file)
    names = ("train_180_first_release", "train_407_public")
    releases = [_one(folder, f"human/{name}.csv", "deepfunding-trial") for name in names]
    return ImportSpec(
        human=(_one(folder, "human/pairs_593.csv", "deepfunding-trial"),),
        releases=tuple(releases),
        committed={"aswin_submission_phase5": int(datetime(2025, 10, 6, 16, 17, 34, tzinfo=UTC).timestamp())},
        lists=tuple(lists),
        families={"arbitron": "arbitron"},
        seen=("aswin_submission_phase5",),
        name="Deep Funding trial 2025",
        goal_set_by=_SET_BY,
        notices=tuple(notices),
        root=folder,
    )


PRESETS: Final[Mapping[str, Callable[[Path], ImportSpec]]] = {"gg24": _gg24, "trial": _trial}
"""Name → what to import from a folder as `daccord fetch` lays it out."""


def preset(name: str, folder: Path) -> ImportSpec:
    """What to import from a fetched folder.

    Args:
        name: A key of `PRESETS`.
        folder: As `daccord fetch` lays it out.

    Raises:
        InputError: There is no such preset, or a file is missing.
    """
    if name not in PRESETS:
        raise InputError.single("import", f"there is no preset {name!r}", remedy=f"there are {', '.join(PRESETS)}")
    return PRESETS[name](folder)


def _one(folder: Path, path: str, dataset: str) -> Path:
    file = folder / path
    if not file.is_file():
        raise InputError.single(str(file), "is not there", remedy=f"run: daccord fetch {dataset} --out {folder}")
    return file


def _all(folder: Path, path: str, dataset: str) -> list[Path]:
    files = sorted((folder / path).glob("*.csv"))
    if not files:
        remedy = f"run: daccord fetch {dataset} --out {folder}"
        raise InputError.single(str(folder / path), "holds no CSV files", remedy=remedy)
    return files

"""What copying, flooding and peeking gain, on simulated rounds and on two published Deep Funding contests.

    python benchmarks/model_skill.py [--worlds 300] [--hard 100] [--leaks 400] [--json]

1. **Reward shares.** Sixty projects with standard normal log-values, six honest lists and one of an attacker, all of
   them the values plus standard normal errors, and 20, 60 or 300 answers of different people: the difference of two
   projects' log-values plus normal noise of standard deviation 0.5. The attacker sends the list alone, or ten or
   thirty copies of it with errors of their own on top. Every world is run with and without copies, so lifts are paired.
   *plain* is the convex fit to people's answers whose weights are the shares (least squares of ln ratios); its table
   is the published baseline, which validates the set-up. *daccord* is `reward_shares`, given nothing but the round.
2. **Leak tests.** How often an honest model is flagged, and how often one that had seen answers.
3. **The contests.** What both leak tests say of the models that are known to have seen the answers, and of the others.

Everything in 1 and 2 is simulated.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from _common import SKIPPED, machine, machine_line, one_thread, print_table, progress, real_round

PROJECTS, HONEST, NOISE = 60, 6, 0.5
JURIES = (20, 60, 300)
TABLE = ((1, 0.0), (10, 0.0), (10, 0.3), (10, 1.0), (30, 1.0))
"""The published arms: number of copies, standard deviation of their own errors."""
HARD = ((1, 0.0), (2, 1.0), (10, 2.0), (30, 2.0), (30, 4.0), (30, math.inf))
"""Arms that are not in the published table; the last one sends random lists."""
PUBLISHED = {
    20: (0.142, 0.142, 0.181, 0.217, 0.273),
    60: (0.138, 0.138, 0.162, 0.179, 0.218),
    300: (0.139, 0.139, 0.154, 0.156, 0.189),
}


class World:
    """One simulated round, without the attacker's choice."""

    def __init__(self, seed: int) -> None:
        import numpy as np  # noqa: PLC0415 - `_common` explains

        rng = np.random.default_rng([seed, 60])
        self.values = rng.normal(size=PROJECTS)
        self.lists = self.values[:, None] + rng.normal(size=(PROJECTS, HONEST + 1))
        self.a = rng.integers(0, PROJECTS, max(JURIES))
        self.b = (self.a + rng.integers(1, PROJECTS, max(JURIES))) % PROJECTS
        self.y = self.values[self.a] - self.values[self.b] + NOISE * rng.normal(size=max(JURIES))
        self.errors = rng.normal(size=(PROJECTS, 30))

    def sent(self, copies: int, noise: float) -> Any:  # noqa: ANN401 - numpy is imported late
        """All lists of an arm, the attacker's last; shape (n_projects, 6 + copies)."""
        import numpy as np  # noqa: PLC0415

        own = self.lists[:, HONEST:]
        theirs = self.errors[:, :copies] if math.isinf(noise) else own + noise * self.errors[:, :copies]
        return np.concatenate(
            [self.lists[:, :HONEST], theirs if noise or copies == 1 else np.repeat(own, copies, 1)], 1
        )


def plain_share(world: World, jury: int, lists: Any) -> float:  # noqa: ANN401
    """The attacker's weight in the convex combination of lists that fits people's ln ratios best."""
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import nnls  # noqa: PLC0415

    told = lists[world.a[:jury]] - lists[world.b[:jury]]
    heavy = 1e4  # a row that makes the weights sum to 1
    design = np.concatenate([told, np.full((1, told.shape[1]), heavy)])
    weight, _ = nnls(design, np.append(world.y[:jury], heavy))
    return float(weight[HONEST:].sum() / weight.sum())


def task_of_world(world: World, jury: int, lists: Any) -> Any:  # noqa: ANN401
    """The round as a fusion rule sees it: every answer by a juror of its own."""
    import numpy as np  # noqa: PLC0415

    from daccord.fusion import FusionTask  # noqa: PLC0415
    from daccord.judging import Comparisons, Judge, Judgments, ModelList, Panel, Ratings  # noqa: PLC0415
    from daccord.round import Criterion  # noqa: PLC0415

    projects = tuple(f"p{i:02d}" for i in range(PROJECTS))
    people = [Judge(f"j{i:03d}", "person") for i in range(jury)]
    models = [Judge(f"m{i:02d}", "model") for i in range(lists.shape[1])]
    y = world.y[:jury]
    table = Comparisons(np.arange(jury), world.a[:jury], world.b[:jury], np.sign(y).astype(np.int64), y)
    weights = np.exp(lists)
    entries = tuple(
        ModelList(model.id, dict(zip(projects, weights[:, i].tolist(), strict=True))) for i, model in enumerate(models)
    )
    return FusionTask(
        Criterion("benefit", "simulated"),
        projects,
        Panel((*people, *models)),
        Judgments(table, Ratings.empty(), entries),
    )


def our_share(world: World, jury: int, lists: Any) -> float:  # noqa: ANN401
    """The attacker's reward share; 0 where nobody is rewarded."""
    from daccord.fusion import reward_shares  # noqa: PLC0415

    share = reward_shares(task_of_world(world, jury, lists)).share
    return sum(part for model, part in share.items() if int(model[1:]) >= HONEST)


def lifts(arms: tuple[tuple[int, float], ...], worlds: int) -> list[dict[str, Any]]:
    """Mean share of the attacker and its lift over the single list, with 95 % intervals, by jury, arm and rule."""
    import numpy as np  # noqa: PLC0415

    shares = np.zeros((2, len(JURIES), len(arms), worlds))
    for seed in range(worlds):
        if seed % 25 == 0:
            progress(f"  world {seed} of {worlds}")
        world = World(seed)
        for a, (copies, noise) in enumerate(arms):
            lists = world.sent(copies, noise)
            for j, jury in enumerate(JURIES):
                shares[0, j, a, seed] = plain_share(world, jury, lists)
                shares[1, j, a, seed] = our_share(world, jury, lists)
    found = []
    for r, rule in enumerate(("plain", "daccord")):
        for j, jury in enumerate(JURIES):
            lift = shares[r, j] - shares[r, j, :1]
            error = lift.std(axis=1, ddof=1) / math.sqrt(worlds)
            for a, (copies, noise) in enumerate(arms):
                found.append(
                    {
                        "rule": rule,
                        "jury": jury,
                        "copies": copies,
                        "noise": noise,
                        "share": float(shares[r, j, a].mean()),
                        "lift": float(lift[a].mean()),
                        "interval": float(1.96 * error[a]),
                    }
                )
    return found


LEAKERS = (
    "a third of it the answers",
    "a third of it their ranking",
    "fitted to the answers",
    "ranking of the answers",
)


def leakers(world: World, shown: Any) -> Any:  # noqa: ANN401 - numpy is imported late
    """Lists that used the answers they were shown, in the order of `LEAKERS`; shape (n_projects, 4)."""
    import numpy as np  # noqa: PLC0415

    design = np.zeros((len(world.y), PROJECTS))
    design[np.arange(len(world.y)), world.a] += 1
    design[np.arange(len(world.y)), world.b] -= 1
    rows = design[shown]
    fitted = np.linalg.solve(rows.T @ rows + 0.3 * np.eye(PROJECTS), rows.T @ world.y[shown])
    ranks = np.argsort(np.argsort(fitted)).astype(float)
    own, fit, rank = ((v - v.mean()) / v.std() for v in (world.lists[:, 4], fitted, ranks))
    return np.stack([own * 2 / 3 + fit / 3, own * 2 / 3 + rank / 3, fit, rank], axis=1)


def leak_rates(rounds: int) -> list[dict[str, Any]]:
    """How often each leak test flags honest models, and models that used answers they should not have seen.

    For the test with times, half of 300 answers by 30 people were shown before all models were fixed; for the test
    without, all were shown and nobody knows.
    """
    import numpy as np  # noqa: PLC0415

    from daccord.fusion import leak_tests  # noqa: PLC0415
    from daccord.judging import NEVER, Panel  # noqa: PLC0415

    flags = {(test, kind): 0 for test in ("times", "noise") for kind in ("honest", *LEAKERS)}
    family = {"times": 0, "noise": 0}
    for seed in range(rounds):
        if seed % 50 == 0:
            progress(f"  round {seed} of {rounds}")
        world = World(1000 + seed)
        half = np.random.default_rng([seed, 61]).random(300) < 0.5
        for name, shown in (("times", half), ("noise", np.ones(300, dtype=np.bool_))):
            honest = world.lists[:, :4]
            for leaker, lists in ((False, honest), (True, np.concatenate([honest, leakers(world, shown)], axis=1))):
                task = task_of_world(world, 300, lists)
                table = task.judgments.comparisons
                revealed = np.where(shown & (name == "times"), 1, NEVER)
                said = type(table)(table.judge % 30, table.a, table.b, table.outcome, table.log_ratio, revealed)
                panel = Panel(tuple(judge if judge.is_person else replace(judge, committed=2) for judge in task.panel))
                told = replace(task, panel=panel, judgments=replace(task.judgments, comparisons=said))
                tests = [test for test in leak_tests(told).tests if test.test == name]
                if leaker:
                    for test in tests[4:]:
                        flags[name, LEAKERS[int(test.model[1:]) - 4]] += test.flagged
                else:  # false alarms are counted where nobody leaked, so that no leaker is anybody's yardstick
                    flags[name, "honest"] += sum(test.flagged for test in tests)
                    family[name] += any(test.flagged for test in tests)
    return [
        {
            "test": test,
            "model": kind,
            "flagged": count / (4 * rounds if kind == "honest" else rounds),
            "rounds_with_a_false_alarm": family[test] / rounds if kind == "honest" else None,
        }
        for (test, kind), count in flags.items()
    ]


def contests() -> list[dict[str, Any]]:
    """Both leak tests, clusters and the effective number on the published contests that are at hand."""
    from daccord.formats.deepfunding import import_deepfunding  # noqa: PLC0415
    from daccord.formats.deepfunding import preset as preset_of  # noqa: PLC0415
    from daccord.fusion import leak_tests, reward_shares  # noqa: PLC0415
    from daccord.fusion._fuse import task_of  # noqa: PLC0415 - nothing public gives a round's task
    from daccord.fusion.models._standing import independent_models  # noqa: PLC0415
    from daccord.fusion.models._vectors import usable_vectors  # noqa: PLC0415

    found = []
    for name in ("gg24", "trial"):
        folder = real_round(name)
        if folder is None:
            progress(f"{name}: {SKIPPED}")
            continue
        round_ = import_deepfunding(preset_of(name, folder))
        task, _, _ = task_of(round_, round_.criterion("benefit"))
        told = revealed_to_contestants(task, folder) if name == "trial" else task
        vectors, _ = usable_vectors(task)
        report = leak_tests(told)
        rewards = reward_shares(task)
        found.append(
            {
                "contest": name,
                "answers": report.answers,
                "heard": len(vectors),
                "independent": independent_models(vectors),
                "clusters": len(rewards.clusters),
                "rewards": {model: share for model, share in rewards.share.items() if share},
                "tests": [
                    {
                        "model": test.model,
                        "exposure": task.panel[test.model].exposure,
                        "test": test.test,
                        "seen": report.seen[test.model],
                        "statistic": test.statistic,
                        "p": test.p,
                        "flagged": test.flagged,
                        "why_not": test.why_not,
                    }
                    for test in report.tests
                ],
            }
        )
    return found


def revealed_to_contestants(task: Any, folder: Path) -> Any:  # noqa: ANN401 - imported late
    """The trial with the rows that contestants were given marked as revealed before all models were fixed.

    `human/train_407_public.csv` is what one contestant's repository holds. Which models used it is what is tested: all
    of them are treated as if they could have, and as if nothing was declared.
    """
    import numpy as np  # noqa: PLC0415

    from daccord.judging import NEVER, Panel  # noqa: PLC0415

    def name(text: str) -> str:
        return text.removeprefix("https://github.com/").strip("/").lower()

    with (folder / "human" / "train_407_public.csv").open(encoding="utf-8", newline="") as file:
        given = {(row["juror"], *sorted((name(row["repo_a"]), name(row["repo_b"])))) for row in csv.DictReader(file)}
    table = task.judgments.comparisons
    ids = [project.lower() for project in task.projects]
    shown = [
        (task.panel.judges[j].id, *sorted((ids[a], ids[b]))) in given
        for j, a, b in zip(table.judge, table.a, table.b, strict=True)
    ]
    said = type(table)(table.judge, table.a, table.b, table.outcome, table.log_ratio, np.where(shown, 1, NEVER))
    judges = tuple(judge if judge.is_person else replace(judge, committed=2, exposure="blind") for judge in task.panel)
    return replace(task, panel=Panel(judges), judgments=replace(task.judgments, comparisons=said))


def arm_words(copies: int, noise: float) -> str:
    if copies == 1:
        return "1 list"
    if math.isinf(noise):
        return f"{copies} random lists"
    return f"{copies} exact copies" if noise == 0 else f"{copies} copies, noise {noise}"


def print_lifts(rows: list[dict[str, Any]], arms: tuple[tuple[int, float], ...]) -> None:
    heads = ("rule", "answers", *(arm_words(*arm) for arm in arms))
    table = []
    for rule in ("plain", "daccord"):
        for jury in JURIES:
            own = [row for row in rows if row["rule"] == rule and row["jury"] == jury]
            table.append((rule, str(jury), *(f"{row['share']:.3f}" for row in own)))
            table.append(("", "lift", *(f"{row['lift']:+.3f} ± {row['interval']:.3f}" for row in own)))
        if rule == "plain" and arms == TABLE:
            table += [("published", str(jury), *(f"{value:.3f}" for value in PUBLISHED[jury])) for jury in JURIES]
    print_table(heads, table)


def print_contests(found: list[dict[str, Any]]) -> None:
    for contest in found:
        print(
            f"\n{contest['contest']}: {contest['heard']} models heard, as diverse as {contest['independent']:.1f}; "
            f"{contest['clusters']} clusters for rewards"
        )
        rows = [
            (
                test["model"],
                test["exposure"],
                test["test"],
                str(test["seen"]),
                "–" if test["why_not"] else f"{test['statistic']:.3f}",
                test["why_not"] or f"{test['p']:.4f}",
                "flagged" if test["flagged"] else "",
            )
            for test in contest["tests"]
            if test["why_not"] != "nothing seen"
        ]
        print_table(("model", "declared", "test", "seen", "statistic", "p", ""), rows, left=3)


def clean(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list | tuple) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=300, help="worlds for the published table  [default: 300]")
    parser.add_argument("--hard", type=int, default=100, help="worlds for harder attacks  [default: 100]")
    parser.add_argument("--leaks", type=int, default=400, help="rounds for the leak tests  [default: 400]")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    one_thread()
    progress("published table")
    table = lifts(TABLE, options.worlds) if options.worlds else []
    progress("harder attacks")
    hard = lifts(HARD, options.hard) if options.hard else []
    progress("leak tests")
    leaks = leak_rates(options.leaks) if options.leaks else []
    progress("contests")
    real = contests()
    if options.json:
        told = {"benchmark": "model_skill", "machine": machine(), "published": PUBLISHED}
        print(json.dumps(clean({**told, "table": table, "hard": hard, "leaks": leaks, "contests": real}), indent=2))
        return
    if table:
        print(f"SIMULATED: an attacker's reward share and its lift over one list; {options.worlds} paired worlds\n")
        print_lifts(table, TABLE)
    if hard:
        print(f"\nSIMULATED: harder attacks; {options.hard} paired worlds\n")
        print_lifts(hard, HARD)
    if leaks:
        print(f"\nSIMULATED: share of models flagged, 300 answers by 30 people; {options.leaks} rounds\n")
        rows = [
            (
                row["test"],
                row["model"],
                f"{row['flagged']:.3f}",
                "" if row["rounds_with_a_false_alarm"] is None else f"{row['rounds_with_a_false_alarm']:.3f}",
            )
            for row in leaks
        ]
        print_table(("test", "model", "flagged", "rounds with a false alarm"), rows, left=2)
    print_contests(real)
    print(f"\n{machine_line(machine())}")


if __name__ == "__main__":
    main()

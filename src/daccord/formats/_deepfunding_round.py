"""From files of a Deep Funding contest to a `Round`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from daccord.errors import InputError, Problem
from daccord.formats._deepfunding_answers import (
    ANONYMOUS,
    Answer,
    Answers,
    drop_multipliers,
    every_answer,
    last_answers,
    number_anonymous,
    to_comparisons,
    when_revealed,
)
from daccord.formats._deepfunding_comparisons import ComparisonTable, read_comparisons
from daccord.formats._deepfunding_lists import WeightTable, read_aliases, read_items, read_weights
from daccord.formats._deepfunding_names import BUILTIN_ALIASES, Names, union_of_names
from daccord.formats._deepfunding_spec import ImportSpec, ModelFile
from daccord.formats._instants import microseconds
from daccord.judging import NEVER, Judge, Judgments, ModelList, Panel, Ratings
from daccord.portfolio import Portfolio, Project
from daccord.round import Criterion, EvidenceRules, Goal, Round, Rules, Threshold

__all__ = ["import_deepfunding"]

_SUM_TOLERANCE = 1e-6  # shares printed with seven decimals or more are taken as summing to one


@dataclass(frozen=True)
class _Model:
    """A model and the file it came from."""

    id: str
    file: str
    family: str
    seen: bool

    @classmethod
    def of(cls, spec: ImportSpec, identifier: str, file: str, group: str = "") -> _Model:
        """The model with what the options say about it, or about the group of its file."""
        family = spec.families.get(identifier, spec.families.get(group, ""))
        return cls(identifier, file, family, not {identifier, group}.isdisjoint(spec.seen))


def import_deepfunding(spec: ImportSpec) -> Round:
    """Read a contest's files into a round with the one criterion `benefit`.

    Nothing that people or models wrote in words is taken over, only their answers. Whatever was set aside, merged or
    renamed is said in the round's notices; whatever would need guessing is refused.

    Args:
        spec: Files and options.

    Returns:
        The round; its digests are those of the files read.

    Raises:
        InputError: A file is wrong, a name is unknown, ids clash, or an option names a model that does not exist.
    """
    humans = [read_comparisons(path, spec.label(path)) for path in spec.human]
    ais = [(file, read_comparisons(file.path, spec.label(file.path))) for file in spec.ai]
    lists = [(file, read_weights(file.path, spec.label(file.path))) for file in spec.lists]
    if not humans and not ais and spec.items is None:
        raise InputError.single("import", "names no projects", remedy="give --human, --ai or --items")
    notices = list(spec.notices)
    tables = [*humans, *(table for _, table in ais)]
    names = _names(spec, tables)

    human_answers, anonymous = _human_answers(spec, humans, names, notices)
    people = tuple(dict.fromkeys(answer.judge for answer in human_answers))
    releases = [read_comparisons(path, spec.label(path)) for path in spec.releases]
    revealed = _revealed(releases, human_answers, names, notices)
    models: list[_Model] = []
    answers = human_answers + _model_answers(spec, ais, names, models, notices)
    models += [_Model.of(spec, file.name or file.path.stem, table.file) for file, table in lists]
    model_lists = [_model_list(file.name or file.path.stem, table, names, notices) for file, table in lists]
    problems = names.problems + _clashes(models, people)
    problems += _unknown_options(spec, models)
    if problems:
        raise InputError(problems)

    judges = _judges(people, models, spec.committed)
    revealed += [NEVER] * (len(answers) - len(revealed))
    everything = to_comparisons(answers, {judge.id: i for i, judge in enumerate(judges)}, revealed)
    if ties := int((everything.log_ratio == 0).sum()):
        notices.append(f"{ties} comparisons have a ratio of exactly 1 and count as ties, whichever side was chosen")
    return Round(
        name=spec.name,
        goal=Goal(spec.goal, spec.goal_set_by),
        budget=spec.budget,
        criteria=(Criterion("benefit", spec.question, None, Threshold("relative", spec.bar)),),
        portfolio=Portfolio(tuple(Project(name, name) for name in names.items)),
        panel=Panel(judges),
        judgments={"benefit": Judgments(everything, Ratings.empty(), tuple(model_lists))},
        rules=Rules(evidence=EvidenceRules(min_judgments=3, min_jurors=1 if anonymous else 2)),
        digests={table.file: table.digest for table in (*tables, *releases)}
        | {table.file: table.digest for _, table in lists},
        notices=tuple(notices),
    )


def _names(spec: ImportSpec, tables: Sequence[ComparisonTable]) -> Names:
    aliases = dict(BUILTIN_ALIASES) if spec.builtin_aliases else {}
    for path in spec.aliases:
        aliases |= read_aliases(path, spec.label(path))
    kept = None if spec.restrict_to is None else set(read_items(spec.restrict_to, spec.label(spec.restrict_to)))
    if spec.items is not None:
        items = read_items(spec.items, spec.label(spec.items))
        problems: list[Problem] = []
    else:
        columns = [
            (table.file, column, names, table.row.tolist())
            for table in tables
            for column, names in zip(table.columns, (table.a, table.b), strict=True)
        ]
        items, problems = union_of_names(columns, aliases)
    if problems:
        raise InputError(problems)
    if kept is not None and spec.restrict_to is not None:
        known = set(items)
        kept = {name if name in known else aliases.get(name, name) for name in kept}
        if strange := sorted(kept - known):
            message = f"{strange[0]!r} is no project of the files given" + (
                f" (and {len(strange) - 1} more)" if len(strange) > 1 else ""
            )
            raise InputError.single(spec.label(spec.restrict_to), message, remedy="add alias,name to the alias table")
        items = tuple(name for name in items if name in kept)
    return Names(items, aliases, set_aside=kept is not None)


def _human_answers(
    spec: ImportSpec, tables: Iterable[ComparisonTable], names: Names, notices: list[str]
) -> tuple[list[Answer], bool]:
    """People's answers, and whether there are some but none of them names its juror."""
    gathered = Answers()
    for whole in tables:
        table = drop_multipliers(whole, spec.drop, notices)
        gathered.add(table, names, lambda juror: juror)
    notices += gathered.notices
    named = _last_answers((row for row in gathered.rows if row.judge), notices)
    nameless, stand_ins = number_anonymous([row for row in gathered.rows if not row.judge])
    if stand_ins:
        who = f"`{ANONYMOUS}`" if stand_ins == 1 else f"`{ANONYMOUS}-1` to `{ANONYMOUS}-{stand_ins}`"
        text = f"{len(nameless)} answers of people name no juror and stand under {who}; these are stand-ins, so the "
        text += "influence of one juror cannot be computed"
        if stand_ins > 1:
            text += "; the k-th answer on a pair goes to the k-th of them, because each came from a different person"
        notices.append(text)
    return named + nameless, bool(nameless) and not named


def _revealed(
    tables: Sequence[ComparisonTable], answers: Sequence[Answer], names: Names, notices: list[str]
) -> list[int]:
    """From when each answer of people could be read in one of the releases, in seconds since 1970, or `NEVER`.

    A release cannot have come out before the last answer that is in it was given; when it did is seldom published.
    """
    releases = []
    for table in tables:
        times = [time for time in table.time if time is not None]
        if not table.has_jurors or len(times) < len(table):
            remedy = "leave it out, or give a release with jurors and times, by which its answers are known again"
            raise InputError.single(table.file, "names no juror or no time in some row", remedy=remedy)
        gathered = Answers()
        gathered.add(table, names.with_others_set_aside(), lambda juror: juror)
        releases.append((microseconds(max(times)) // 1_000_000, gathered.rows))
    revealed = when_revealed(answers, releases)
    if visible := sum(time != NEVER for time in revealed):
        files = " and ".join(table.file for table in tables)
        notices.append(
            f"{visible} of {len(answers)} answers of people could be read in {files} while models answered; when these "
            "files came out is not published: the time of the last answer in each, the earliest that it can have been, "
            "stands for it"
        )
    return revealed


def _model_answers(
    spec: ImportSpec,
    tables: Iterable[tuple[ModelFile, ComparisonTable]],
    names: Names,
    models: list[_Model],
    notices: list[str],
) -> list[Answer]:
    gathered = Answers()
    known: dict[str, _Model] = {}
    for file, table in tables:
        if not table.has_jurors:
            ids = {"": file.name or file.path.stem}
        else:
            ids = {juror: f"{file.name}-{juror}" if file.name else juror for juror in dict.fromkeys(table.juror)}
        for identifier in ids.values():
            known.setdefault(identifier, _Model.of(spec, identifier, table.file, file.name))
        gathered.add(table, names, ids.__getitem__)
    models += known.values()
    notices += gathered.notices
    kept, again = every_answer(gathered.rows)
    _say_released_again(again, "models", notices)
    return kept


def _last_answers(answers: Iterable[Answer], notices: list[str]) -> list[Answer]:
    """One answer a person and pair, as a round folder holds it; what that leaves out is said."""
    problems: list[Problem] = []
    kept, replaced, again = last_answers(answers, problems)
    if problems:
        raise InputError(problems)
    if replaced:
        whole = len(kept) + replaced + again
        text = f"{replaced} of {whole} answers of people set aside; the same judge answered the same pair again later"
        notices.append(text)
    _say_released_again(again, "people", notices)
    return kept


def _say_released_again(rows: int, whose: str, notices: list[str]) -> None:
    if rows:
        notices.append(f"{rows} rows of {whose} repeat another row, judge, answer and time; each answer counts once")


def _model_list(identifier: str, table: WeightTable, names: Names, notices: list[str]) -> ModelList:
    if abs(table.total - 1) > _SUM_TOLERANCE:
        notices.append(f"{table.file}: the weights sum to {table.total:.6g}; they were divided by it")
    positions = names.positions(table.file, table.column, table.items, table.rows)
    weights: dict[str, float] = {}
    for position, weight, row, written in zip(positions, table.weights, table.rows, table.items, strict=True):
        if position < 0:
            continue
        name = names.items[position]
        if name in weights:
            message = f"{written!r} is another name of {name!r}, which has a weight already"
            names.problems.append(Problem(table.file, row, table.column, message, "keep one of the rows"))
        weights[name] = weight
    if not weights and not names.problems:
        message = "has no weight for any project of the round"
        names.problems.append(Problem(table.file, None, table.column, message, "leave the list out"))
    kept = math.fsum(weights.values())
    if abs(kept - 1) > _SUM_TOLERANCE:
        weights = {name: weight / kept for name, weight in weights.items()}
    if away := len(table.items) - len(weights):
        notices.append(f"{table.file}: {away} of {len(table.items)} weights set aside; they are for other projects")
    if missing := len(names.items) - len(weights):
        notices.append(f"{table.file}: no weight for {missing} of {len(names.items)} projects")
    return ModelList(identifier, weights)


def _clashes(models: Sequence[_Model], people: Sequence[str]) -> list[Problem]:
    remedy = "name one of them differently: NAME=FILE"
    twice = [name for name, count in Counter(model.id for model in models).items() if count > 1]
    problems = [
        Problem(model.file, None, None, f"two files name a model {model.id!r}", remedy)
        for model in models
        if model.id in twice
    ]
    return problems + [
        Problem(model.file, None, None, f"the model {model.id!r} has the same id as a juror", remedy)
        for model in models
        if model.id in people
    ]


def _unknown_options(spec: ImportSpec, models: Sequence[_Model]) -> list[Problem]:
    ids = {model.id for model in models}
    known = ids | {file.name for file in spec.ai if file.name}
    remedy = f"there are {', '.join(sorted(ids)) or 'none'}"
    return [
        Problem("import", None, option, f"there is no model {name!r}", remedy)
        for option, names in (("--seen", spec.seen), ("--family", tuple(spec.families)))
        for name in names
        if name not in known
    ]


def _judges(people: Sequence[str], models: Sequence[_Model], committed: Mapping[str, int]) -> tuple[Judge, ...]:
    return (
        *(Judge(name, "person") for name in people),
        *(
            Judge(
                model.id,
                "model",
                family=model.family,
                exposure="seen" if model.seen else "blind",
                committed=committed.get(model.id),
            )
            for model in models
        ),
    )

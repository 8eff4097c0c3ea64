"""Step `decision`: the result is in force, its files are those that follow, and so are the fit, verdicts and money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any, Final

import daccord
from daccord.audit._comparing import Difference, differing_fits, differing_parts, secret_parts
from daccord.audit._deciding import Readable, decide_record, readable
from daccord.audit._engine import source_digest
from daccord.audit._rules import rules_text
from daccord.audit._steps import StepFailure
from daccord.errors import ConvergenceError, InputError, IntegrityError
from daccord.formats.decisions import decision_document, graph_of, parse_decision, scores_of
from daccord.pipeline import Decision, recompute
from daccord.record import encode
from daccord.record.payloads import Manifest
from daccord.record.state import Entry, Outcome, Replay, RoundState

__all__ = ["check_decision"]

_SETTLED: Final = 1e-3
"""Largest component of the gradient of the log posterior, per natural-log unit, with which a fit counts as settled."""


def check_decision(
    replay: Replay, outcome: Outcome, wheel: bytes | None, notes: list[str], tell: Callable[[str], None]
) -> tuple[Mapping[str, Any], str]:
    """Check a result.

    Returns:
        Its decision file, and what was found.

    Raises:
        StepFailure: It does not follow from the record.
    """
    state, result = replay.state, outcome.result
    if state is None or result is None:
        raise TypeError("there is no result to check")
    place = result.place
    _check_engine(state.manifest, wheel, notes)
    _check_force(outcome, place)
    _check_ends(replay, state, outcome, place)
    tell("reading the files that follow")
    found = _files(replay, state, outcome, result)
    document = _document(state, result)
    _check_secret(state, outcome, document, place)
    tell("deciding the round anew")
    try:
        own = decide_record(found, tell)
        if [project["id"] for project in document["projects"]] != list(found.round.portfolio.ids):
            raise StepFailure("decision", "the decision's projects are not those of the round, in their order", place)
        off = _check_fit(document, own, state.manifest, place)
        again = _recomputed(own, document, place)
    except (InputError, ConvergenceError) as error:
        raise StepFailure("decision", f"the engine cannot decide the record's round: {error}", place) from None
    again["version"] = document["version"]  # whether it is the manifest's was checked
    _refuse(
        differing_parts(document, again), "what follows from the published integers is not what is published", place
    )
    residual = max((one for name, one in own.diagnostics.items() if name.endswith("optimality_residual")), default=0.0)
    message = f"the fit agrees (residual {residual:.1g}"
    message += f", {off} integers by one unit)" if off else ")"
    return document, f"{message}; verdicts and {len(document['projects'])} awards recomputed to the last unit"


def _recomputed(own: Decision, document: Mapping[str, Any], place: int) -> dict[str, Any]:
    """The decision file that follows from the record's own integers."""
    try:
        return decision_document(recompute(own, scores_of(document), graph_of(document)))
    except (
        ValueError,
        LookupError,
        TypeError,
        ArithmeticError,
    ) as error:  # it has the schema's shape and may say anything
        raise StepFailure("decision", f"nothing follows from the published integers: {error}", place) from None


def _check_engine(manifest: Manifest, wheel: bytes | None, notes: list[str]) -> None:
    engine = manifest.engine
    if wheel is not None and sha256(wheel).hexdigest() != engine.wheel:
        raise StepFailure("decision", f"the wheel is not the one that the manifest names, {engine.wheel}")
    if engine.name != "daccord" or engine.version != daccord.__version__:
        notes.append(
            f"the manifest names {engine.name} {engine.version} and this is daccord {daccord.__version__}; if the "
            "decision does not follow here, verify with that version"
        )
    elif engine.source != source_digest():
        notes.append("the engine's sources here are not those that the manifest names, though the version is")


def _check_force(outcome: Outcome, place: int) -> None:
    if not outcome.in_force:
        raise StepFailure("decision", "the result is not approved by as many stewards as it takes", place)


def _check_ends(replay: Replay, state: RoundState, outcome: Outcome, place: int) -> None:
    """Every phase ended before the result, and nobody proved that more was in time."""
    phases = ("judging", "reveal") if state.manifest.sealed else ("judging",)
    for phase in phases:
        end = outcome.ends[phase]
        if end is None:
            raise StepFailure("decision", f"the end of {phase} is not proven before the result", place)
        if end > outcome.inputs:
            raise StepFailure(
                "decision", f"the result's tree of {outcome.inputs} is smaller than the end of {phase}", place
            )
        larger = [close for close in state.book.closes if close.phase == phase and close.size > end]
        if larger:
            raise StepFailure(
                "decision",
                f"entry {larger[0].entry.place} proves that {larger[0].size} entries were in time for {phase}, "
                f"and the result counts {end}",
                larger[0].entry.place,
            )
    if replay.root(outcome.inputs).hex() != (outcome.result.payload["tree"]["root"] if outcome.result else ""):
        raise StepFailure("decision", "the result's tree is not the log's", place)


def _files(replay: Replay, state: RoundState, outcome: Outcome, result: Entry) -> Readable:
    """The round that follows, compared with what the result says of it."""
    try:
        found = readable(replay, inputs=outcome.inputs, sound=None if result.payload["void"] else outcome)
    except (InputError, IntegrityError) as error:
        raise StepFailure("decision", f"the record's files are no round: {error}", result.place) from None
    said = set(result.payload["void"]) - {entry.hash for entry in outcome.secret}
    if said != set(found.void):
        name = min(said ^ set(found.void))
        raise StepFailure(
            "decision", f"the entry {name} is void, or called so, and the other is not the case", result.place
        )
    if found.outcome.counted != result.payload["counted"]:
        raise StepFailure(
            "decision",
            f"{found.outcome.counted} answers, lists and contributions count, not {result.payload['counted']}",
            result.place,
        )
    if found.outcome.files_hash != result.payload["files"]:
        raise StepFailure("decision", "the files that follow are not those that the result names", result.place)
    rules = rules_text(found.round)
    if rules != state.manifest.rules:
        name = min(key for key in {*rules, *state.manifest.rules} if rules.get(key) != state.manifest.rules.get(key))
        raise StepFailure("decision", f"the manifest says {name} otherwise than its round.toml", state.entry.place)
    return found


def _document(state: RoundState, result: Entry) -> dict[str, Any]:
    said = result.payload["decision"]
    data = state.pieces.file(said["sha256"], said["size"], "decision.json")
    try:
        return parse_decision(data, "decision.json")
    except InputError as error:
        raise StepFailure("decision", str(error), result.place) from None


def _check_secret(state: RoundState, outcome: Outcome, document: Mapping[str, Any], place: int) -> None:
    """What follows from secret answers is what the trustees attest; without any there is nothing of the kind."""
    secret = state.manifest.secret
    if not secret:
        return
    parts = secret_parts(document, secret)
    if outcome.attestation is None:
        if parts["scores"] or outcome.secret:
            raise StepFailure("decision", "the decision has scores from secret answers that no trustees attest", place)
        return
    if sha256(encode(parts)).hexdigest() != outcome.attestation.payload["secret"]:
        raise StepFailure(
            "decision", "what the trustees attest is not what the decision says", outcome.attestation.place
        )


def _check_fit(document: Mapping[str, Any], own: Decision, manifest: Manifest, place: int) -> int:
    """Whether the published integers are those of one's own fit, within one unit; how many differ by that unit."""
    for name, value in own.diagnostics.items():
        if name.endswith("optimality_residual") and value > _SETTLED:
            raise StepFailure("decision", f"the fit does not settle here: {name} is {value:.2g}", place)
    wrong, off = differing_fits(document, decision_document(own), manifest.secret)
    _refuse(wrong, "the published integers are not those of the fit", place)
    return off


def _refuse(differences: Any, what: str, place: int) -> None:  # noqa: ANN401 - any iterable of differences
    first: list[Difference] = list(islice(differences, 4))
    if first:
        said = "; ".join(
            f"{where}: the record says {mine!r:.80}, it is {theirs!r:.80}" for where, mine, theirs in first[:3]
        )
        raise StepFailure("decision", f"{what}: {said}{' …' if len(first) > 3 else ''}", place)

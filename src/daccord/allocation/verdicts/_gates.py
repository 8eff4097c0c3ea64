"""Gates that are closed, and what can stand in for a project that waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daccord.allocation._types import ClosedGate, Verdict
from daccord.allocation.verdicts._words import title_of
from daccord.fusion import Scores
from daccord.portfolio import MATURITIES, Gate, Portfolio, Project

__all__ = ["closed_gates", "gate_text", "is_open", "partners", "stand_ins"]

_STATE = {"idea": "at least an idea", "prototype": "at least a prototype", "deployed": "deployed"}
_ROLE = {
    "defends": "any other technology that defends against",
    "makes_safe": "any other technology that makes safe",
    "substitutes": "any other technology that can take the place of",
    "raises": "any other technology that raises",
}


def partners(portfolio: Portfolio, project: Project, gate: Gate) -> tuple[str, ...]:
    """Ids of the projects and technologies that can open a gate, in the portfolio's order."""
    if not gate.role:
        return (gate.of,) if gate.of in portfolio.known else ()
    return tuple(
        other.id
        for other in portfolio.known.values()
        if other.id != project.id and any((role.kind, role.target) == (gate.role, gate.of) for role in other.roles)
    )


def is_open(portfolio: Portfolio, project: Project, gate: Gate, maturity: Mapping[str, str] | None = None) -> bool:
    """Whether a partner is as far as the gate asks; what the round does not know never is.

    Args:
        portfolio: Of the round.
        project: Whose gate it is.
        gate: One of the project's `waits`.
        maturity: Project id → maturity where it is not, or no longer, what the portfolio says.
    """
    reached = maturity or {}
    need = MATURITIES.index(gate.maturity)
    states = (reached.get(one, portfolio.known[one].maturity) for one in partners(portfolio, project, gate))
    return any(state is not None and MATURITIES.index(state) >= need for state in states)


def gate_text(portfolio: Portfolio, gate: Gate, verb: str = "is") -> str:
    """What has to be so for the gate to open, as a clause; with the verb "were", as a condition."""
    title = title_of(portfolio, gate.of)
    partner = f"{_ROLE[gate.role]} “{title}”" if gate.role else title
    return f"{partner} {verb} {_STATE[gate.maturity]}"


def closed_gates(
    portfolio: Portfolio, project: Project, maturity: Mapping[str, str] | None = None
) -> tuple[ClosedGate, ...]:
    """The gates of a project that are not open.

    Args:
        portfolio: Of the round.
        project: Whose gates.
        maturity: As in `is_open`.
    """
    out = []
    for gate in project.waits:
        if not is_open(portfolio, project, gate, maturity):
            who = partners(portfolio, project, gate) or (() if gate.role else (gate.of,))
            out.append(ClosedGate(gate, who, gate_text(portfolio, gate)))
    return tuple(out)


def stand_ins(portfolio: Portfolio, scores: Scores, found: Sequence[Verdict]) -> Mapping[str, tuple[str, ...]]:
    """For each project that waits or is held, the comparable projects of the round that can take its place.

    Comparable is a project that has a `substitutes` edge towards it, is cleared for money, waits for nothing, and may
    well be as good: the upper end of the 80 % interval of its share of the round's benefit reaches the expected share
    of the other. The best expected share comes first.

    Args:
        portfolio: Of the round.
        scores: Of the same projects.
        found: Verdicts on all projects.
    """
    if not any(verdict.gates or verdict.label == "hold" for verdict in found):
        return {}
    verdicts = {verdict.project: verdict for verdict in found}
    out: dict[str, tuple[str, ...]] = {}
    towards: dict[str, list[str]] = {}
    for project in portfolio:
        for role in project.roles:
            if role.kind == "substitutes":
                towards.setdefault(role.target, []).append(project.id)
    for identifier, names in towards.items():
        stopped = verdicts.get(identifier)
        if stopped is None or not (stopped.gates or stopped.label == "hold"):
            continue
        fit = [
            name
            for name in dict.fromkeys(names)
            if verdicts[name].label in ("accelerate", "with_safeguards")
            and not verdicts[name].gates
            and scores[name].share_high >= scores[identifier].share
        ]
        if fit:
            out[identifier] = tuple(sorted(fit, key=lambda name: (-scores[name].share, name)))
    return out

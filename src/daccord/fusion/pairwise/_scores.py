"""`bradley_terry`: scores with honest standard errors from arrays of paired comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from daccord.errors import InputError
from daccord.fusion.pairwise import _plain
from daccord.fusion.pairwise._backend import COMPILE_FROM, kernels
from daccord.fusion.pairwise._counts import PairCounter, PairCounts, checked, checked_voters
from daccord.fusion.pairwise._fit import PairFit, fit_pairs
from daccord.fusion.pairwise._graph import linked
from daccord.fusion.pairwise._result import PairwiseScores
from daccord.fusion.pairwise._spread import Spread, model_spread
from daccord.fusion.pairwise._voters import VoterSums, voter_spread

__all__ = ["FALLBACK_SD", "bradley_terry", "bradley_terry_chunks"]

IntArray = npt.NDArray[np.signedinteger]
Chunk = tuple[IntArray, IntArray, IntArray | None] | tuple[IntArray, IntArray, IntArray | None, IntArray]

FALLBACK_SD: Final = 1.5
"""Standard deviation, natural log-odds, of the prior that is used where no maximum-likelihood solution exists: the one
of the rule `bradley-terry`."""

_FEW_VOTERS: Final = 20


def bradley_terry(
    a: IntArray,
    b: IntArray,
    outcome: IntArray | None,
    size: int,
    voter: IntArray | None = None,
    *,
    ties: Literal["davidson", "half"] = "davidson",
    prior_sd: float | None = None,
    compiled: bool | None = None,
) -> PairwiseScores:
    """Scores from paired comparisons by Bradley and Terry's model, with Davidson's treatment of ties.

    Where no maximum-likelihood solution exists, because some projects never lost to or tied with the rest, or nothing
    links them, the scores are those under a normal prior of standard deviation `FALLBACK_SD`; `prior_sd` and a warning
    say so. Nothing in the result is ever NaN or infinite.

    Args:
        a: Position of the first project of each comparison, integers from 0 to `size` − 1, shape (n,).
        b: Position of the second project.
        outcome: +1 if the first won, −1 if the second did, 0 for a tie; None if the first always won.
        size: Number of projects.
        voter: Who answered, numbered from 0; None if that is not known. With it, standard errors allow for all
            answers of a voter leaning the same way.
        ties: `davidson` estimates how likely a tie is; `half` counts it as half a win for each side, as most other
            packages do.
        prior_sd: Standard deviation of a normal prior on every score, natural log-odds; None for none.
        compiled: True or False to insist on compiled code or on plain numpy; None to compile where it pays.

    Raises:
        InputError: An element is no position, outcome or voter; it is named.
        ConvergenceError: The fit did not settle.
        ExternalError: Compiled code was insisted on and numba is missing.

    Example:
        Project 0 beat 1 twice and lost once, tied with 2, which beat 1 and lost to it.

        >>> import numpy as np
        >>> a, b = np.array([0, 0, 1, 0, 2, 1]), np.array([1, 1, 0, 2, 1, 2])
        >>> found = bradley_terry(a, b, np.array([1, 1, 1, 0, 1, 1]), size=3)
        >>> found.scores.round(2).tolist()
        [0.38, -0.3, -0.08]
        >>> found.standard_errors.round(2).tolist()
        [0.79, 0.68, 0.86]
        >>> print(found.method)
        Davidson, maximum likelihood; standard errors: curvature of the likelihood, exact

    Source: R. A. Bradley and M. E. Terry, Biometrika 39 (1952) 324–345; R. R. Davidson, JASA 65 (1970) 317–328;
        K.-Y. Liang and S. L. Zeger, Biometrika 73 (1986) 13–22, for standard errors over voters.
    """
    a, b, outcome = checked(a, b, outcome, size, compiled=compiled)
    chunk: Chunk = (a, b, outcome) if voter is None else (a, b, outcome, checked_voters(voter, len(a)))
    return _scores(lambda: [chunk], size, ties, prior_sd, whole=True, compiled=compiled)


def bradley_terry_chunks(
    chunks: Callable[[], Iterable[Chunk]],
    size: int,
    *,
    ties: Literal["davidson", "half"] = "davidson",
    prior_sd: float | None = None,
    compiled: bool | None = None,
) -> PairwiseScores:
    """As `bradley_terry`, for comparisons that come in chunks and need not fit into memory.

    The chunks are asked for once to count, and once more, if they name voters, for the standard errors.

    Args:
        chunks: Begins anew at every call; yields (a, b, outcome) or (a, b, outcome, voter), arrays of one length.
        size: Number of projects.
        ties: As in `bradley_terry`.
        prior_sd: As in `bradley_terry`.
        compiled: As in `bradley_terry`; None decides by the size of a chunk.

    Raises:
        InputError: An element is no position, outcome or voter, or only some chunks name voters.
        ConvergenceError: The fit did not settle.
        ExternalError: Compiled code was insisted on and numba is missing.
    """

    def all_checked() -> Iterator[Chunk]:
        for a, b, outcome, *voter in chunks():
            rows = checked(a, b, outcome, size, compiled=compiled)
            yield (*rows, checked_voters(voter[0], len(rows[0]))) if voter else rows

    return _scores(all_checked, size, ties, prior_sd, whole=False, compiled=compiled)


def _scores(
    chunks: Callable[[], Iterable[Chunk]],
    size: int,
    ties: Literal["davidson", "half"],
    prior_sd: float | None,
    *,
    whole: bool,
    compiled: bool | None,
) -> PairwiseScores:
    """Count, fit, and ask the voters; `whole` says that there is one chunk only."""
    if ties not in ("davidson", "half"):
        raise ValueError(f"ties are 'davidson' or 'half', not {ties!r}")
    if prior_sd is not None and not (np.isfinite(prior_sd) and prior_sd > 0.0):
        raise ValueError(f"a standard deviation of a prior is finite and above zero, not {prior_sd!r}")
    counts, highest = _counted(chunks(), size, compiled)
    if compiled is None and len(counts) >= COMPILE_FROM:
        compiled = kernels(len(counts)) is not _plain  # numba is loaded by now, or missing: the same code to the end
    warnings = []
    if prior_sd is None and (missing := _no_solution(counts)):
        prior_sd = FALLBACK_SD
        warnings.append(f"{missing}: no maximum-likelihood solution exists, and a prior of sd {prior_sd:g} was used")
    if counts.tied and counts.tied == len(counts) and ties == "davidson":
        warnings.append("all comparisons are ties: how likely a tie is can't be told, and scores say little")
    fit = fit_pairs(counts, ties=ties == "davidson", precision=prior_sd**-2 if prior_sd else 0.0, compiled=compiled)
    model = model_spread(fit)
    used, voters = model, 0
    if highest is not None and len(counts):
        used, voters, told = _over_voters(fit, model, chunks(), highest, whole=whole, compiled=compiled)
        warnings += told
    return PairwiseScores(
        scores=fit.theta,
        standard_errors=np.sqrt(used.variance),
        model_errors=np.sqrt(model.variance),
        tie_parameter=fit.tie,
        prior_sd=prior_sd,
        residual=fit.residual,
        iterations=fit.iterations,
        comparisons=len(counts),
        voters=voters,
        approximation=used.error,
        method=_method(fit, prior_sd, used is not model, used.error),
        warnings=tuple(warnings),
    )


def _counted(chunks: Iterable[Chunk], size: int, compiled: bool | None) -> tuple[PairCounts, int | None]:
    """The counts, and the highest number of a voter; None if voters are not told apart."""
    counter, highest, anonymous = PairCounter(size, compiled=compiled), -1, False
    for a, b, outcome, *voter in chunks:
        counter.add(a, b, outcome)
        if voter:
            highest = max(highest, int(voter[0].max(initial=-1)))
        else:
            anonymous = True
    if anonymous and highest >= 0:
        raise InputError.single("comparisons", "only some chunks name voters", remedy="name them in all or in none")
    return counter.counts(), None if anonymous or highest < 0 else highest


def _no_solution(counts: PairCounts) -> str:
    """Why there is no maximum-likelihood solution; empty if there is one."""
    links = linked(counts)
    if counts.size <= 1 or links.strong == 1:
        return ""
    if links.alone:
        return f"{links.alone} of {counts.size} projects were never compared"
    if links.groups > 1:
        return f"the projects fall into {links.groups} groups that no comparison links"
    return (
        f"the projects fall into {links.strong} groups of which one never lost to, or tied with, another"
        if links.strong < counts.size
        else "no project ever lost to, or tied with, one that it beat directly or through others"
    )


def _over_voters(
    fit: PairFit,
    model: Spread,
    chunks: Iterable[Chunk],
    highest: int,
    *,
    whole: bool,
    compiled: bool | None,
) -> tuple[Spread, int, list[str]]:
    """Spread over voters, their number, and warnings; the model's spread if there is but one voter."""
    sums = VoterSums(fit, highest, squares=whole, compiled=compiled)
    for a, b, outcome, *voter in chunks:
        sums.add(a, b, np.ones(len(a), dtype=np.int8) if outcome is None else outcome, *voter)
    if sums.voters < 2:
        return model, sums.voters, ["one voter gave all answers: standard errors are those of the model"]
    few = f"only {sums.voters} voters: standard errors over voters are uncertain, and too small rather than too large"
    return voter_spread(fit, sums, model), sums.voters, [few] if sums.voters < _FEW_VOTERS else []


def _method(fit: PairFit, prior_sd: float | None, over_voters: bool, error: float) -> str:
    model = "Davidson" if fit.tie else "Bradley–Terry"
    values = "maximum likelihood" if prior_sd is None else f"normal prior of sd {prior_sd:g}"
    errors = "sandwich over voters" if over_voters else "curvature of the likelihood"
    exact = f"approximated to {error:.1%}" if error else "exact"
    return f"{model}, {values}; standard errors: {errors}, {exact}"

"""What communities say apart: a sure one can hold, a sure one of the contrary can dispute, and some need them all.

Everything here reads published probabilities of single communities, which follow from each community's own answers.

* **A sure community holds** what the round as a whole would not, if none is sure of the contrary.
* **A hold needs agreement.** If a community is sure that the harm is *not* above the limit, the project is not held but
  *unclear*, and no money flows: disagreement about harm never frees money.
* **The information domain needs agreement.** Where nobody can say in principle who attacks whom, a majority must not
  decide alone what counts as defence: every community has to find the benefit at least possible.

Source: V. Buterin, "My techno-optimism" (2023), on the field of information; the names of the cells are the cube's.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from daccord.allocation._types import Reason
from daccord.allocation.verdicts._words import Bars, listed, probability_text, threshold_text
from daccord.fusion import MICRO, CriterionScore
from daccord.portfolio import Project

__all__ = ["agreement_reason", "dissenting", "in_information_domain", "sure_community"]


def sure_community(communities: Mapping[str, int], sure: int) -> str | None:
    """The community surest of the harm, if it is sure enough and none is sure of the contrary."""
    if not communities or dissenting(communities, sure):
        return None
    name, probability = min(communities.items(), key=lambda item: (-item[1], item[0]))
    return name if probability >= sure else None


def dissenting(communities: Mapping[str, int], sure: int) -> tuple[str, ...]:
    """The communities that are sure of the contrary, by name."""
    return tuple(sorted(name for name, probability in communities.items() if probability <= MICRO - sure))


def in_information_domain(project: Project) -> bool:
    """Whether half of a project or more lies in the cells `bits/info/…`."""
    inside = [part for cell, part in project.cells.items() if cell.startswith("bits/info/")]
    return bool(inside) and 2 * sum(inside, Fraction(0)) >= 1


def agreement_reason(project: Project, benefit: CriterionScore, known: frozenset[str], bars: Bars) -> Reason | None:
    """What is to be said about agreement across communities; None where nothing is.

    The code `groups_disagree` or `agreement_not_shown` keeps a project from being cleared; the others do not.

    Args:
        project: Whose.
        benefit: Its score.
        known: Communities of the round that have spoken about the benefit of any project.
        bars: Thresholds.
    """
    if not bars.agreement or not in_information_domain(project):
        return None
    least = threshold_text(bars.agreement)
    rule = "It lies in the domain of information, where communities have to agree"
    if len(known) < 2:
        return Reason(
            "agreement_unknown",
            f"{rule}; this round knows no two communities whose answers could be compared, so that was not asked for.",
        )
    said = benefit.communities
    if len(said) < 2:
        who = f"only the community “{next(iter(said))}” has" if said else "no community has"
        return Reason("agreement_not_shown", f"{rule}; {who} answers enough of its own to show it.")
    name, lowest = min(said.items(), key=lambda item: (item[1], item[0]))
    if lowest >= bars.agreement:
        return Reason(
            "groups_agree",
            f"{rule}, and all {len(said)} that answered give at least {least} that its benefit is above the bar.",
        )
    low = sorted(community for community, probability in said.items() if probability < bars.agreement)
    others = f" (so do {listed(one for one in low if one != name)})" if len(low) > 1 else ""
    return Reason(
        "groups_disagree",
        f"{rule}: the community “{name}”, by its own answers, gives {probability_text(lowest, bars.agreement)} that "
        f"its benefit is above the bar{others}, and {least} is needed of every community.",
    )

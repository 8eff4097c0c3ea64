"""The model card: what the lab is for, what it is made of, what it cannot see. The page and the docs say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["CARD", "TEXT"]

TEXT: Final = """\
## For

* Comparing budgets and ways of deciding under the same stated beliefs, finding what a conclusion hangs on, and
  finding what would be worth knowing.
* Funders, researchers of AI governance, and anyone who wants to see what somebody's beliefs imply.

## Not for

* Forecasts. No probability here is a probability of anything outside the model.
* Ranking constitutions without their boundaries, or quoting a catastrophe probability without its tail.
* Deciding about real money by itself: it knows nothing of people, projects or promises.

## Made of

* Beliefs that people or models stated as 90 % intervals: elicited, not measured, and each evaluator's kept apart; two
  common factors; values as choices. A page says for every number whose it is, or that it is an assumption.
* Mechanisms that each nest a published result; 316 of 323 published figures are reproduced, and the other seven and
  why are in the reproduction report.
* The same worlds, errors and chances for everything that is compared, all from a seed.

## What it cannot see

* Efficacies and elasticities have hardly any data behind them; what a marginal unit of money is worth is nearly the
  product of two guesses.
* Layers of defence and risks are independent beyond a common-cause floor and two factors.
* The list of technologies is closed. What nobody listed has a rate because somebody guessed one, and only general
  resilience helps against it.
* Values (how much riches are worth, how much the future is, who counts) often decide more than any technical
  belief.
* Others' reactions to money are one number; nobody in a constitution looks ahead to what others will do, and there
  is no bargaining.
* Power measures describe rules and shares, not what people with power do. Loss of say and lock-in have no price
  unless the reader sets one.
* Whether many AIs in balance do well is returns and coordination in disguise; both are assumptions.
* AI judges share training data: how much their errors have in common is not known, and the same models may give the
  estimates and be their subject.
* Concentration calms races: safety falls with the effective number of racers, so that monopoly launches most safely.
  What a monopolist then does is in lock-in, not in catastrophe.
* Errors are about the dangerous technologies alone and of one shape; frontier technologies are judged one at a time.
* How much a pause, secrecy, capture, automation or a federation's rules hold or blind are assumptions without a source.
* Deployment is instant, technologies do not leave, and what varies in a class of scenarios is dealt independently.
* A scenario has one draw of its worlds: with few worlds part of what differs between two scenarios is chance.
* Published figures check the code, not the world.

## How to read it

* Registered parameters were put down before results; a page says whether its file was, and what has changed.
* A boundary that holds on scenarios which took no part in finding it is a finding about the model. An order without
  a boundary is not.
* Where the order changes with your weights, the weights are the finding.
"""
"""The card as Markdown, as docs/futures/model-card.md has it."""


def _parts(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split("## ")[1:]:
        heading, _, lines = part.partition("\n")
        found[heading] = tuple(" ".join(line.split()) for line in lines.strip().removeprefix("* ").split("\n* "))
    return found


CARD: Final[Mapping[str, Sequence[str]]] = _parts(TEXT)
"""Heading → sentences."""

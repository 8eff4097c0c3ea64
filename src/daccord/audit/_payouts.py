"""Step `payout`: the payout tree pays the awards, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from daccord.audit._steps import StepFailure
from daccord.errors import ExternalError, IntegrityError
from daccord.record.state import Outcome, Replay
from daccord.settlement import ReadPayouts, parse_payouts

__all__ = ["check_payouts"]


def check_payouts(replay: Replay, outcome: Outcome, document: Mapping[str, Any]) -> tuple[str, ReadPayouts | None]:
    """Compare the payouts in the record with the awards.

    Returns:
        What was found, and the payouts; None if they could not be checked.

    Raises:
        StepFailure: They are not the awards, or the tree has another root.
    """
    state, result = replay.state, outcome.result
    awards = [project["award"]["amount"] for project in document["projects"] if project["award"]["amount"] > 0]
    if sum(awards) + document["unallocated"] > document["budget"]["amount"]:
        raise StepFailure("payout", "the awards are more than the budget")
    if state is None or result is None or result.payload["payout"] is None:
        return "the result names no payouts; the awards stay within the budget", None
    said = result.payload["payout"]
    try:
        data = state.pieces.file(said["sha256"], said["size"], "payouts.json")
        payouts = parse_payouts(json.loads(data))
    except ExternalError as error:
        return str(error), None
    except (IntegrityError, ValueError) as error:
        raise StepFailure("payout", str(error), result.place) from None
    if payouts.root.hex() != said["root"]:
        raise StepFailure("payout", f"payouts.json has the root {payouts.root.hex()}", result.place)
    scale, rest = divmod(sum(payouts.amounts), sum(awards)) if awards else (0, 0)
    if rest or [award * scale for award in awards] != list(payouts.amounts) or str(scale).strip("0") != "1":
        raise StepFailure("payout", "the payouts are not the awards times a power of ten", result.place)
    return f"{len(awards)} payouts are the awards times {scale}", payouts

"""All files of one settlement, made from values alone; what is printed about it holds no address."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from daccord.money import Currency
from daccord.settlement._bank import bank_csv
from daccord.settlement._distributor import Deployment
from daccord.settlement._payouts import PayoutTree
from daccord.settlement._safe import SafePayment

__all__ = ["SCHEMA", "Settlement"]

SCHEMA: Final = "daccord/settlement/1"


@dataclass(frozen=True)
class Settlement:
    """Everything that is needed to pay a decision, in one or several ways.

    Attributes:
        round: Name of the round.
        simulated: Whether it is invented; every file that can say so then does.
        decided: Milliseconds of Unix time at the beginning of the day of the decision, 0 if it names none.
        currency: Of the awards.
        token_digits: Decimal digits of the token.
        result_hash: SHA-256 of the decision file, 32 bytes.
        payouts: Who is paid how much.
        deployment: Arguments of the contract, checked, if one is to pay.
        safe: Batch of a Safe, if one is to pay.
    """

    round: str
    simulated: bool
    decided: int
    currency: Currency
    token_digits: int
    result_hash: bytes
    payouts: PayoutTree
    deployment: Deployment | None = None
    safe: SafePayment | None = None

    def files(self) -> dict[str, bytes]:
        """Name → bytes of every file but the summary.

        Raises:
            ExternalError: The extra `ethereum` is not installed.
        """
        found = {
            "bank.csv": bank_csv(self.payouts, self.currency, self.result_hash, simulated=self.simulated).encode(),
            "payouts.json": _json(self.payouts.dump()),
            "claims.json": _json(
                {"schema": "daccord/claims/1", **self._heading(), "claims": self.payouts.claims()},
            ),
        }
        if self.deployment is not None:
            found["distributor.json"] = _json(
                {"schema": "daccord/distributor/1", **self._heading(), **self.deployment.document()}
            )
        if self.safe is not None:
            name = f"{'SIMULATED ' if self.simulated else ''}{self.round}"
            what = f"{len(self.payouts.payouts)} payments of decision {self.result_hash.hex()}"
            found["safe-batch.json"] = _json(self.safe.batch(name, what, self.decided))
        return found

    def summary(self) -> dict[str, Any]:
        """What anybody may see: hashes, sums and counts, and which file has which SHA-256."""
        return {
            "schema": SCHEMA,
            **self._heading(),
            "result_hash": self.result_hash.hex(),
            "payout_root": self.payouts.tree.root.hex(),
            "payments": len(self.payouts.payouts),
            "awards": sum(one.award for one in self.payouts.payouts),
            "currency": {"code": self.currency.code, "digits": self.currency.digits},
            "pool": str(self.payouts.pool),
            "token_digits": self.token_digits,
            "safe": None
            if self.safe is None
            else {"hash": self.safe.hash().hex(), "chain": self.safe.chain, "nonce": self.safe.nonce},
            "distributor": None
            if self.deployment is None
            else {"delay": self.deployment.delay, "deadline": self.deployment.deadline},
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(self.files().items())},
        }

    def _heading(self) -> dict[str, Any]:
        return {"round": self.round, "simulated": self.simulated}


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()

"""Write wallets.json: judgments signed by wallets, and signatures that must be refused.

    .venv-contracts/bin/python tests/vectors/make_wallets.py

Needs `eth_account`, which `make test-contracts` installs: it computes the digests and signs, so the file does not
merely repeat what daccord's own code says. The jurors are invented, and the keys are small integers: whoever likes can
spend what lies there, so put nothing there. `--check` compares instead of writing.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils import keccak

FILE = Path(__file__).with_name("wallets.json")
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
TYPES = {
    "Judgment": [
        {"name": name, "type": kind}
        for name, kind in (
            ("origin", "string"), ("round", "string"), ("manifest", "bytes32"), ("juror", "string"),
            ("seq", "uint256"), ("table", "string"), ("subject", "string"), ("rows", "string"),
        )
    ]
}  # fmt: skip

JUDGMENTS: dict[str, dict[str, Any]] = {
    "plain": {"juror": "juror-1", "seq": 1, "table": "comparisons",
              "subject": {"a": "alpha", "b": "beta", "criterion": "benefit"},
              "rows": [{"ratio": "3", "winner": "beta"}]},
    "withdrawn": {"juror": "juror-1", "seq": 2, "table": "comparisons",
                  "subject": {"a": "alpha", "b": "beta", "criterion": "benefit"}, "rows": []},
    "letters": {"juror": "jürör-2 \U0001f331", "seq": 2**53 - 1, "table": "ballots", "subject": {},
                "rows": [{"points": "3", "project": 'pröjekt "α"'}, {"points": "1", "project": "\\"}]},
}  # fmt: skip


def canonical(value: Any) -> str:
    """RFC 8785, for values that hold no fractions and keys that are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(signable: Any) -> bytes:
    """What is signed."""
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def ballot(number: int, name: str) -> dict[str, Any]:
    """A judgment, signed in both ways by the wallet whose key is a small number."""
    said = {"origin": "example.org/simulated", "round": "simulated-round", "manifest": f"{number:02x}" * 32}
    value = {**said, **JUDGMENTS[name]}
    payload = canonical(value)
    message = {
        **value,
        "manifest": bytes.fromhex(value["manifest"]),
        "subject": canonical(value["subject"]),
        "rows": canonical(value["rows"]),
    }
    domain = {"name": "daccord", "version": "1", "salt": message["manifest"]}
    key = number.to_bytes(32, "big")
    typed, personal = encode_typed_data(domain, TYPES, message), encode_defunct(payload.encode())
    signed = {how: Account.sign_message(what, key) for how, what in (("typed", typed), ("personal", personal))}
    return {
        "name": name,
        "wallet": Account.from_key(key).address,
        "payload": b64encode(payload.encode()).decode(),
        "domain": typed.header.hex(),
        "typed": {"digest": digest(typed).hex(), "signature": bytes(signed["typed"].signature).hex()},
        "personal": {"digest": digest(personal).hex(), "signature": bytes(signed["personal"].signature).hex()},
    }


def refused(signature: bytes) -> dict[str, str]:
    """Changes of a valid signature that some software takes for the same one."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    short = r + (s | (v - 27) << 255).to_bytes(32, "big")
    contract = bytes(12) + b"\x01" * 20 + (65).to_bytes(32, "big") + b"\0" + bytes(32)
    found = {
        "high-s twin": r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v]),
        "v from 0": signature[:64] + bytes([v - 27]),
        "v of a transaction (EIP-155)": signature[:64] + bytes([v + 10]),
        "short form (EIP-2098)": short,
        "contract (EIP-1271)": contract,
        "contract not made yet (ERC-6492)": signature + bytes.fromhex("6492" * 16),
        "nothing": b"",
        "one byte more": signature + b"\0",
        "r zero": bytes(32) + signature[32:],
        "s zero": r + bytes(32) + signature[64:],
        "r above the order": (ORDER + 1).to_bytes(32, "big") + signature[32:],
        "all ones": b"\xff" * 64 + b"\x1b",
    }
    return {name: data.hex() for name, data in found.items()}


def main() -> int:
    """Write or compare; 1 if the file differs."""
    ballots = [ballot(number, name) for number, name in enumerate(JUDGMENTS, start=1)]
    document = {
        "about": "Simulated jurors; the keys are small integers. Made by tests/vectors/make_wallets.py.",
        "ballots": ballots,
        "refused": refused(bytes.fromhex(ballots[0]["typed"]["signature"])),
    }
    text = json.dumps(document, indent=1) + "\n"
    if "--check" in sys.argv:
        return int(FILE.read_text(encoding="utf-8") != text)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Judgments that a wallet signs, and the document in which such a signature is handed on.

The bytes of the payload are those of the log, so one judgment has one payload whoever signs it. A wallet signs it in
one of two ways:

* `typed` – the fields of the judgment as typed data (EIP-712), which wallets show one by one. The domain's salt is
  the entry hash of the manifest: no chain, contract, round or log can be put in place of another.
* `personal` – the canonical payload itself as a text (EIP-191), for wallets that show no typed data.

docs/spec/wallet-ballots.md gives every byte.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daccord.errors import IntegrityError
from daccord.record._canonical import Json, decode, encode
from daccord.record._envelope import LARGEST_LEAF, Envelope
from daccord.record.payloads import Payload, media_type, parse_payload
from daccord.record.wallets._recover import check_wallet, personal_digest
from daccord.record.wallets._typed import Fields, TypedData
from daccord.record.wallets._wallet import Wallet

__all__ = ["SCHEMES", "WalletBallot", "ballot_digest", "parse_ballot", "typed_judgment"]

SCHEMES: Final = ("personal", "typed")
"""Ways in which a wallet signs a judgment."""

_DOMAIN: Final[Fields] = (("name", "string"), ("version", "string"), ("salt", "bytes32"))
_JUDGMENT: Final[Fields] = (
    ("origin", "string"),
    ("round", "string"),
    ("manifest", "bytes32"),
    ("juror", "string"),
    ("seq", "uint256"),
    ("table", "string"),
    ("subject", "string"),
    ("rows", "string"),
)
_KEYS: Final = {"payload", "scheme", "signature", "wallet"}
_HEX: Final = re.compile(r"0x(?:[0-9a-f]{2})*")


def _judgment(payload: bytes) -> Payload:
    """A judgment of the right shape; nobody has signed it yet."""
    return parse_payload(Envelope(media_type("judgment"), payload, ()))


def typed_judgment(payload: bytes) -> TypedData:
    """A judgment as typed data.

    Args:
        payload: Canonical JSON of a judgment, as it stands in the log.

    Returns:
        Its `document()` is for the wallet, its `digest()` is what is signed.

    Raises:
        IntegrityError: It is no judgment.
    """
    said = _judgment(payload)
    manifest = f"0x{said['manifest']}"
    message: Mapping[str, Json] = {
        **{name: said[name] for name in ("origin", "round", "juror", "seq", "table")},
        "manifest": manifest,
        "subject": encode(said["subject"]).decode(),
        "rows": encode(said["rows"]).decode(),
    }
    return TypedData(
        types={"EIP712Domain": _DOMAIN, "Judgment": _JUDGMENT},
        primary="Judgment",
        domain={"name": "daccord", "version": "1", "salt": manifest},
        message={name: message[name] for name, _ in _JUDGMENT},
    )


def ballot_digest(payload: bytes, scheme: str) -> bytes:
    """What a wallet signs of a judgment: 32 bytes.

    Args:
        payload: Canonical JSON of a judgment.
        scheme: One of `SCHEMES`.

    Raises:
        IntegrityError: It is no judgment, or the scheme is unknown.
        ExternalError: The extra `ethereum` is not installed.
    """
    typed = typed_judgment(payload)
    if scheme not in SCHEMES:
        raise IntegrityError(f"the scheme {scheme[:50]!r} is none of {', '.join(SCHEMES)}")
    return typed.digest() if scheme == "typed" else personal_digest(payload)


@dataclass(frozen=True)
class WalletBallot:
    """A judgment with a wallet's signature.

    Attributes:
        payload: Canonical JSON of the judgment.
        scheme: One of `SCHEMES`.
        wallet: Who is said to have signed.
        signature: 65 bytes.
    """

    payload: bytes
    scheme: str
    wallet: Wallet
    signature: bytes

    def check(self) -> Payload:
        """The judgment, if the wallet signed it.

        Raises:
            IntegrityError: It did not, the signature is not valid, or the payload is no judgment.
            ExternalError: The extra `ethereum` is not installed.
        """
        check_wallet(ballot_digest(self.payload, self.scheme), self.signature, self.wallet)
        return _judgment(self.payload)

    def document(self) -> bytes:
        """Canonical JSON, to be handed on."""
        return encode(
            {
                "payload": b64encode(self.payload).decode(),
                "scheme": self.scheme,
                "signature": f"0x{self.signature.hex()}",
                "wallet": self.wallet.text,
            }
        )


def parse_ballot(document: bytes) -> WalletBallot:
    """Read a ballot; whether the wallet signed it is `WalletBallot.check`'s matter.

    Raises:
        IntegrityError: The bytes are no such document.
        ExternalError: The extra `ethereum` is not installed.
    """
    value = decode(document, largest=2 * LARGEST_LEAF)
    if not isinstance(value, dict) or value.keys() != _KEYS:
        raise IntegrityError(f"a wallet's ballot is an object with the keys {', '.join(sorted(_KEYS))}")
    texts = {name: text for name, text in value.items() if isinstance(text, str)}
    if len(texts) != len(_KEYS):
        raise IntegrityError("a wallet's ballot holds texts only")
    if texts["scheme"] not in SCHEMES:
        raise IntegrityError(f"the scheme {texts['scheme'][:50]!r} is none of {', '.join(SCHEMES)}")
    if not _HEX.fullmatch(texts["signature"]):
        raise IntegrityError("the wallet's signature is not 0x and hexadecimal digits in lower case")
    try:
        payload = b64decode(texts["payload"].encode("ascii"), validate=True)
    except (Error, UnicodeEncodeError):
        raise IntegrityError("the payload is no base64") from None
    if b64encode(payload).decode() != texts["payload"]:
        raise IntegrityError("the payload is not canonical base64")
    _judgment(payload)
    wallet = Wallet.from_text(texts["wallet"])
    return WalletBallot(payload, texts["scheme"], wallet, bytes.fromhex(texts["signature"][2:]))

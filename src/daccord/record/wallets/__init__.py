"""Signatures of wallets, an extra: whose they are, and judgments signed by them. See docs/spec/wallet-ballots.md."""

from daccord.record.wallets._ballot import SCHEMES, WalletBallot, ballot_digest, parse_ballot, typed_judgment
from daccord.record.wallets._recover import check_wallet, personal_digest, recover_wallet
from daccord.record.wallets._typed import TypedData
from daccord.record.wallets._wallet import Wallet

__all__ = [
    "SCHEMES",
    "TypedData",
    "Wallet",
    "WalletBallot",
    "ballot_digest",
    "check_wallet",
    "parse_ballot",
    "personal_digest",
    "recover_wallet",
    "typed_judgment",
]

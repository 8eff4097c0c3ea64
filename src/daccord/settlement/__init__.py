"""From a decision to payments: payout trees for a contract, a Safe's batch, a bank's list. Nothing is sent."""

from daccord.ethereum import ZERO_ADDRESS, address_text, keccak256, parse_address
from daccord.settlement._awards import Awards, awards_of, pay
from daccord.settlement._bank import bank_csv
from daccord.settlement._chain import ChainState, check_chain
from daccord.settlement._chain_code import RUNTIME_SHA256, RUNTIME_SIZE, Terms, read_code
from daccord.settlement._distributor import SOURCE_SHA256, Deployment, check_deployment
from daccord.settlement._files import write_settlement
from daccord.settlement._payouts import LEAF_ENCODING, Payout, PayoutTree, payout_leaf
from daccord.settlement._payouts_file import ReadPayouts, parse_payouts
from daccord.settlement._recipients import read_recipients
from daccord.settlement._safe import MULTISEND_CALL_ONLY, SafePayment, batch_checksum, check_safe
from daccord.settlement._settlement import SCHEMA, Settlement
from daccord.settlement._tree import MerkleTree, parent, proves

__all__ = [
    "LEAF_ENCODING",
    "MULTISEND_CALL_ONLY",
    "RUNTIME_SHA256",
    "RUNTIME_SIZE",
    "SCHEMA",
    "SOURCE_SHA256",
    "ZERO_ADDRESS",
    "Awards",
    "ChainState",
    "Deployment",
    "MerkleTree",
    "Payout",
    "PayoutTree",
    "ReadPayouts",
    "SafePayment",
    "Settlement",
    "Terms",
    "address_text",
    "awards_of",
    "bank_csv",
    "batch_checksum",
    "check_chain",
    "check_deployment",
    "check_safe",
    "keccak256",
    "parent",
    "parse_address",
    "parse_payouts",
    "pay",
    "payout_leaf",
    "proves",
    "read_code",
    "read_recipients",
    "write_settlement",
]

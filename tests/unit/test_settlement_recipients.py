"""Recipients, awards, the bank's list and the checks of deployments and batches: what passes and what is refused."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import DaccordError, InputError, IntegrityError, RefusedError
from daccord.money import Currency
from daccord.settlement import (
    SOURCE_SHA256,
    Awards,
    Deployment,
    PayoutTree,
    SafePayment,
    _safe,
    address_text,
    awards_of,
    bank_csv,
    batch_checksum,
    check_deployment,
    check_safe,
    keccak256,
    pay,
    read_recipients,
)

USD = Currency("USD", 2)
AWARDS = {"alpha": 100_00, "beta": 0, "gamma": 250_50}
ONE, TWO, THREE = (address_text((0xABCDEF << 100 | n).to_bytes(20, "big")) for n in (1, 2, 3))
GOOD = f"project,address\nalpha,{ONE}\ngamma,{TWO}\n"
RESULT = bytes(range(32))


def bent(address: str) -> str:
    """The address with its last letter in the other case."""
    at = max(i for i, c in enumerate(address) if c in "abcdefABCDEF")
    return address[:at] + address[at].swapcase() + address[at + 1 :]


def read(text: str, **options: Any) -> dict[str, bytes]:
    return read_recipients(text.encode(), AWARDS, USD, file="recipients.csv", **options)


def payouts(digits: int = 6) -> PayoutTree:
    return pay(Awards(AWARDS, USD), read(GOOD), digits, file="decision.json")


def document(**changed: Any) -> dict[str, Any]:
    return {
        "budget": {"amount": 400_00, "currency": "USD", "digits": 2},
        "unallocated": 400_00 - sum(AWARDS.values()),
        "parameters": {"overridden": {}},
        "projects": [{"id": name, "award": {"amount": amount}} for name, amount in AWARDS.items()],
    } | changed


# --- recipients -------------------------------------------------------------------------------------------------------


def test_projects_with_an_award_get_their_account() -> None:
    expected = {"alpha": bytes.fromhex(ONE[2:]), "gamma": bytes.fromhex(TWO[2:])}
    assert read(GOOD) == expected
    assert read(GOOD + f"beta,{THREE}\n") == expected  # no award: checked, not paid
    assert read("\ufeff" + GOOD.replace("\n", "\r\n") + "\r\n") == expected
    assert read(f"amount,address,project\n100.00,{ONE},alpha\n,{TWO},gamma\n") == expected


BAD = {
    "missing project": (f"project,address\nalpha,{ONE}\n", None, "project", "'gamma' has an award and no row"),
    "unknown project": (GOOD + f"delta,{THREE}\n", 4, "project", "'delta' is no project"),
    "project twice": (GOOD + f"alpha,{THREE}\n", 4, "project", "stands in row 2 already"),
    "address twice": (f"project,address\nalpha,{ONE}\ngamma,{ONE}\n", 3, "address", "address of row 2 is given again"),
    "zero address": (GOOD.replace(TWO, "0x" + "0" * 40), 3, "address", "zero address"),
    "checksum": (GOOD.replace(TWO, bent(TWO)), 3, "address", "fails its checksum"),
    "no checksum": (GOOD.replace(TWO, TWO.lower()), 3, "address", "no checksum"),
    "no address": (GOOD.replace(TWO, ""), 3, "address", "40 hexadecimal digits"),
    "amount differs": (
        f"project,address,amount\nalpha,{ONE},100.00\ngamma,{TWO},250.51\n", 3, "amount", "not the award",
    ),
    "amount unreadable": (f"project,address,amount\nalpha,{ONE},1e2\ngamma,{TWO},\n", 2, "amount", "is not an amount"),
    "column missing": ("project\nalpha\n", 1, "address", "the column is missing"),
    "column unknown": (GOOD.replace("address", "wallet"), 1, "wallet", "no such column"),
    "column twice": (GOOD.replace("project,address", "project,address,address"), 1, None, "given twice"),
    "cells": (GOOD + "beta\n", 4, None, "has 1 cells, the header 2"),
    "empty": ("\n\n", None, None, "empty"),
    "quotes": (GOOD + '"beta,\n', 4, None, "not CSV"),
    "row below two lines": (f'project,address\n"no\nsuch",{ONE}\nalpha,{ONE}\ngamma,x\n', 5, "address", "40 hex"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_faults_are_said_with_row_and_column_and_no_address(case: str) -> None:
    text, row, column, message = BAD[case]
    with pytest.raises(InputError) as caught:
        read(text)
    found = [(one.row, one.column) for one in caught.value.problems if message in one.message]
    assert found == [(row, column)], caught.value.diagnostics()
    assert all(one.file == "recipients.csv" and one.remedy for one in caught.value.problems)
    said = caught.value.diagnostics().lower()
    assert not any(address[2:].lower() in said for address in (ONE, TWO, THREE))


def test_an_address_may_be_shared_only_with_leave() -> None:
    shared = f"project,address\nalpha,{ONE}\ngamma,{ONE}\n"
    assert len(set(read(shared, allow_shared=True).values())) == 1
    with pytest.raises(InputError, match="--allow-shared-address"):
        read(shared)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="row 2: the file is not UTF-8"):
        read_recipients(b"project,address\n\xff", AWARDS, USD, file="recipients.csv")


@given(st.binary(max_size=200) | st.text(alphabet='project,ades"\n\r\0x1', max_size=80).map(str.encode))
def test_hostile_bytes_raise_nothing_else(data: bytes) -> None:
    for prefix in (b"", b"project,address\n"):
        with pytest.raises(InputError):
            read_recipients(prefix + data, AWARDS, USD, file="recipients.csv")


# --- awards -----------------------------------------------------------------------------------------------------------


def test_amounts_are_scaled_to_the_token_exactly() -> None:
    assert [(one.project, one.amount, one.award) for one in payouts(6).payouts] == [
        ("alpha", 100_000_000, 100_00), ("gamma", 250_500_000, 250_50),
    ]  # fmt: skip
    assert payouts(18).pool == 350_50 * 10**16
    assert [one.amount for one in payouts(1).payouts] == [1000, 2505]


def test_dust_is_refused_and_not_rounded() -> None:
    with pytest.raises(InputError) as caught:
        payouts(0)
    (problem,) = caught.value.problems
    assert problem.column == "projects.gamma.award.amount"
    assert "250.50 USD is no whole number" in problem.message


@given(
    st.dictionaries(st.text('abc-/ ,"', min_size=1, max_size=5), st.integers(0, 10**15), min_size=1), st.integers(2, 18)
)
def test_the_pool_is_the_awards_to_the_last_unit(amounts: dict[str, int], digits: int) -> None:
    awards = Awards(amounts, USD)
    accounts = {name: (1000 + i).to_bytes(20, "big") for i, name in enumerate(amounts)}
    if not awards.total:
        return
    found = pay(awards, accounts, digits, file="d")
    assert found.pool == sum(one.amount for one in found.payouts) == awards.total * 10 ** (digits - 2)
    rows = list(csv.DictReader(io.StringIO(bank_csv(found, USD, RESULT, simulated=False))))
    assert sum(USD.parse(row["amount"]) for row in rows) == awards.total


def test_the_pool_that_lies_ready_is_compared() -> None:
    assert awards_of(document(), file="d", pool="350.50").total == 350_50
    for pool, why in {"350.51": "lie ready", "350.49": "lie ready", "much": "is not an amount"}.items():
        with pytest.raises(InputError, match=why):
            awards_of(document(), file="d", pool=pool)


REFUSED: dict[str, tuple[type[DaccordError], dict[str, Any]]] = {
    "what-if": (RefusedError, {"parameters": {"overridden": {"rules.money.name": "proportional"}}}),
    "more than the pot": (IntegrityError, {"unallocated": 400_00}),
    "no printable id": (InputError, {"projects": [{"id": "al\rpha", "award": {"amount": 1}}]}),
    "nothing to pay": (InputError, {"projects": []}),
}


@pytest.mark.parametrize("why", REFUSED)
def test_decisions_that_are_not_to_be_paid(why: str) -> None:
    kind, changed = REFUSED[why]
    with pytest.raises(kind, match=why):
        awards_of(document(**changed), file="decision.json")


def test_a_bank_gets_exact_decimals_ids_and_no_address() -> None:
    text = bank_csv(payouts(), USD, RESULT, simulated=True)
    assert text == (
        "reference,project,amount,currency\n"
        "SIMULATED 000102030405-1,alpha,100.00,USD\n"
        "SIMULATED 000102030405-2,gamma,250.50,USD\n"
    )
    assert bank_csv(payouts(), USD, RESULT, simulated=False).splitlines()[1] == "000102030405-1,alpha,100.00,USD"


def test_a_spreadsheet_runs_nothing_from_the_banks_list() -> None:
    accounts = {name: bytes.fromhex(ONE[2:]) for name in ("=1+1", "@x", "a=b")}
    tree = pay(Awards(dict.fromkeys(accounts, 100), USD), accounts, 2, file="d")
    rows = csv.DictReader(io.StringIO(bank_csv(tree, USD, RESULT, simulated=False)))
    assert [row["project"] for row in rows] == ["'=1+1", "'@x", "a=b"]


# --- what is deployed, what is signed ---------------------------------------------------------------------------------

TOKEN, SWEEP, SAFE = ((0x20000 + n).to_bytes(20, "big") for n in range(3))
NOW = 1_800_000_000


def deployment(**changed: Any) -> Deployment:
    tree = payouts()
    sound = Deployment(TOKEN, tree.tree.root, RESULT, tree.pool, 604_800, NOW + 10**7, SWEEP, tree.pool)
    return replace(sound, **changed)


def test_the_arguments_name_the_contract_they_are_for() -> None:
    source = Path(__file__).resolve().parents[2] / "contracts" / "Distributor.vy"
    assert deployment().document()["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest() == SOURCE_SHA256


def test_a_sound_deployment_passes() -> None:
    check_deployment(deployment(), payouts(), RESULT, now=NOW)
    check_deployment(deployment(deadline=NOW + 604_801), payouts(), RESULT, now=NOW)


UNSOUND: dict[str, dict[str, Any]] = {
    "payout_root is not the root": {"payout_root": bytes(32)},
    "result_hash is not that": {"result_hash": bytes(32)},
    "pool is not the sum": {"pool": 350_500_001},
    "funding is not the pool": {"funding": 350_499_999},
    "delay is not positive": {"delay": 0},
    "deadline is not after the first claim": {"deadline": NOW + 604_800},
    "token is the zero address": {"token": bytes(20)},
    "token is among the recipients": {"token": bytes.fromhex(ONE[2:])},
    "sweep_to is the zero address": {"sweep_to": bytes(20)},
    "sweep_to is the token": {"sweep_to": TOKEN},
}


@pytest.mark.parametrize("why", UNSOUND)
def test_an_unsound_deployment_is_refused(why: str) -> None:
    with pytest.raises(IntegrityError, match=why):
        check_deployment(deployment(**UNSOUND[why]), payouts(), RESULT, now=NOW)


def batch(**changed: Any) -> SafePayment:
    return replace(SafePayment(payouts(), TOKEN, SAFE, 1, 7), **changed)


def test_the_hash_that_signers_compare_depends_on_everything() -> None:
    check_safe(batch())
    other = replace(payouts().payouts[1], amount=payouts().payouts[1].amount + 1)
    more = PayoutTree([payouts().payouts[0], other], payouts().pool + 1)
    moved = PayoutTree([payouts().payouts[0], replace(other, amount=other.amount - 1, account=SWEEP)], payouts().pool)
    hashes = {
        one.hash()
        for one in (
            batch(), batch(nonce=8), batch(chain=10), batch(safe=SWEEP), batch(token=SWEEP), batch(multisend=SWEEP),
            batch(payouts=more), batch(payouts=moved), batch(payouts=PayoutTree(payouts().payouts[:1], 100_000_000)),
        )
    }  # fmt: skip
    assert len(hashes) == 9


def test_types_that_signers_sign_are_the_published_ones() -> None:
    """`SAFE_TX_TYPEHASH` and `DOMAIN_SEPARATOR_TYPEHASH` as they stand in the Safe contract since 1.3.0."""
    assert keccak256(_safe._TYPE).hex() == "bb8310d486368db6bd6f849402fdd73ad53d316b5a4b2644ad6efe0f941286d8"
    assert keccak256(_safe._DOMAIN).hex() == "47e79534a245952e8b16893a336b85a3d9ea9fa8c573f3d803afb92a79469218"


def test_money_is_not_sent_where_it_is_lost() -> None:
    for changed in ({"token": bytes.fromhex(ONE[2:])}, {"safe": bytes.fromhex(TWO[2:])}):
        with pytest.raises(IntegrityError, match="among the recipients"):
            check_safe(batch(**changed))
    with pytest.raises(IntegrityError, match="three different contracts"):
        check_safe(batch(safe=TOKEN))


def test_the_batch_file_is_what_the_builder_reads() -> None:
    file = batch().batch("Round", "two payments", 0)
    assert [entry["contractInputsValues"] for entry in file["transactions"]] == [
        {"to": ONE, "value": "100000000"}, {"to": TWO, "value": "250500000"},
    ]  # fmt: skip
    assert {(entry["to"], entry["value"], entry["data"]) for entry in file["transactions"]} == {
        (address_text(TOKEN), "0", None)
    }
    checksum = file["meta"]["checksum"]
    assert checksum == batch_checksum(file) == batch().batch("Other name", "two payments", 0)["meta"]["checksum"]
    file["transactions"][0]["contractInputsValues"]["value"] = "100000001"
    assert batch_checksum(file) != checksum

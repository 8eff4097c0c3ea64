"""One project, one name: the same repository is written with other owners and other capitals from file to file.

Names are compared exactly. What differs is resolved by an alias table that somebody wrote down, never by likeness:
two names that differ only in case are an error until the table says they are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from daccord.errors import Problem

__all__ = ["BUILTIN_ALIASES", "Names", "union_of_names"]

_RENAMED = {
    "ethereum/remix-project": "remix-project-org/remix-project",
    "hyperledger-web3j/web3j": "LFDT-web3j/web3j",
    "prysmaticlabs/prysm": "OffchainLabs/prysm",
}
"""Owners that changed between the trial of 2025 and the round GG24; the new names stand in its list of items."""

_WRITTEN_IN_LOWER_CASE = (
    "0xMiden/miden-vm",
    "ApeWorX/ape",
    "Certora/CertoraProver",
    "ChainSafe/bls",
    "ChainSafe/lodestar",
    "Commit-Boost/commit-boost-client",
    "Consensys/gnark-crypto",
    "Consensys/teku",
    "Cyfrin/aderyn",
    "DefiLlama/DefiLlama-Adapters",
    "DefiLlama/chainlist",
    "EspressoSystems/jellyfish",
    "LFDT-web3j/web3j",
    "Nethereum/Nethereum",
    "NethermindEth/juno",
    "NethermindEth/nethermind",
    "NomicFoundation/hardhat",
    "OffchainLabs/prysm",
    "OffchainLabs/stylus-sdk-rs",
    "OpenZeppelin/openzeppelin-contracts",
    "Plonky3/Plonky3",
    "TrueBlocks/trueblocks-core",
    "Vectorized/solady",
    "dappnode/DAppNode",
    "ethereum/EIPs",
    "skalenetwork/libBLS",
)
"""Items of GG24 that the trial of 2025 or the LLM ensemble's files write in lower case."""

BUILTIN_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {name.lower(): name for name in _WRITTEN_IN_LOWER_CASE} | _RENAMED
)
"""Alias → name for repositories of Deep Funding, as the GG24 list of items names them."""


class Names:
    """Resolves names of projects to those a round uses, and collects what cannot be resolved.

    Args:
        items: Names the round uses.
        aliases: Alias → name; applied only to names that are no item themselves.
        set_aside: True if answers on other projects are to be set aside, False if they are an error.
    """

    def __init__(self, items: Sequence[str], aliases: Mapping[str, str], *, set_aside: bool) -> None:
        self.items = tuple(items)
        self.index = {name: i for i, name in enumerate(self.items)}
        self._aliases = aliases
        self._set_aside = set_aside
        self._by_folded = {name.casefold(): name for name in self.items}
        self.problems: list[Problem] = []

    def with_others_set_aside(self) -> Names:
        """The same names for a file that may be about other projects too; it notes its problems in the same list."""
        other = Names(self.items, self._aliases, set_aside=True)
        other.problems = self.problems
        return other

    def positions(self, file: str, column: str, names: Sequence[str], rows: Iterable[int]) -> list[int]:
        """Position of each name among the items; -1 where the answer is set aside or a problem was noted.

        A name that is wrong in many rows is one problem, placed at its first row.
        """
        known: dict[str, int] = {}
        unknown: Counter[str] = Counter()
        first: dict[str, int] = {}
        found = []
        for name, row in zip(names, rows, strict=True):
            if name not in known:
                known[name] = self._position(name)
            position = known[name]
            if position == -2:
                unknown[name] += 1
                first.setdefault(name, row)
            found.append(max(position, -1))
        for name, count in unknown.items():
            self.problems.append(self._problem(file, first[name], column, name, count))
        return found

    def _position(self, name: str) -> int:
        """Position of the item; -1 if answers on this project are set aside, -2 if the name is an error."""
        position = self.index.get(name)
        if position is None:
            name = self._aliases.get(name, name)
            position = self.index.get(name)
        if position is not None:
            return position
        # A name that differs from an item in case only is most likely that item: setting it aside would lose answers.
        return -1 if self._set_aside and name.casefold() not in self._by_folded else -2

    def _problem(self, file: str, row: int, column: str, name: str, count: int) -> Problem:
        more = f" (and in {count - 1} more rows)" if count > 1 else ""
        target = self._aliases.get(name)
        if target is not None:
            message = f"{name!r} is an alias of {target!r}, which is no item of the round{more}"
            return Problem(file, row, column, message, "mend the alias table or the list of items")
        near = self._by_folded.get(name.casefold())
        if near is not None:
            message = f"{name!r} differs from the item {near!r} in case{more}"
            return Problem(file, row, column, message, f"add {name},{near} to the alias table (columns alias,name)")
        message = f"{name!r} is no item of the round{more}"
        remedy = "add alias,name to the alias table, name it in the list of items, or restrict the round"
        return Problem(file, row, column, message, remedy)


def union_of_names(
    groups: Iterable[tuple[str, str, Sequence[str], Iterable[int]]], aliases: Mapping[str, str]
) -> tuple[tuple[str, ...], list[Problem]]:
    """All names that occur, resolved and sorted, for a round whose items nobody listed.

    Args:
        groups: File, column, names and rows of each column of names.
        aliases: Alias → name.

    Returns:
        The names, and a problem for each that differs from another in case only.
    """
    first: dict[str, tuple[str, str, int]] = {}
    for file, column, names, rows in groups:
        for name, row in zip(names, rows, strict=True):
            first.setdefault(aliases.get(name, name), (file, column, row))
    problems = []
    spelled: dict[str, str] = {}
    for name, (file, column, row) in first.items():
        other = spelled.setdefault(name.casefold(), name)
        if other != name:
            message = f"{name!r} differs from {other!r} in case"
            remedy = f"add {name},{other} to the alias table (columns alias,name)"
            problems.append(Problem(file, row, column, message, remedy))
    return tuple(sorted(first, key=lambda name: (name.casefold(), name))), problems

"""The map of rooms, enforced: who may import whom, what pure rooms may not touch, and that public names are documented.

Everything is read with `ast`, nothing is imported, so a bad module is found even if it cannot be imported. The checker
itself is tested on small synthetic trees below: each rule must be seen to fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "daccord"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROOMS = _words("""
    errors registry money ethereum portfolio judging round fusion allocation pipeline asking capture record futures
    formats panel settlement store ensemble audit report web cli
""")
"""A room may import the rooms before it and itself."""

PURE = frozenset(ROOMS[: ROOMS.index("futures") + 1])

IO_LIBRARIES = frozenset(
    _words("""
    os sys io pathlib csv json tomllib urllib http socket ssl sqlite3 subprocess time random secrets tempfile shutil
    glob fileinput pickle shelve asyncio threading multiprocessing logging.handlers logging.config click rich
    requests httpx urllib3 aiohttp sqlalchemy jinja2 altair vl_convert polars pandas duckdb ray litestar uvicorn
""")
)
PURE_PARTS = {"daccord.record._canonical": {"json", "json.JSONDecoder"}}
"""Modules of pure rooms that use the part of such a library that reaches nothing outside: a decoder of texts."""
IO_CALLS = frozenset({"open", "print", "input", "breakpoint"})
CLOCK_CALLS = frozenset({"now", "today", "utcnow"})
NUMPY_FILES = frozenset(_words("load save savez savez_compressed loadtxt savetxt genfromtxt fromfile tofile memmap"))
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NUMPY_SEEDED = frozenset(_words("Generator BitGenerator SeedSequence Philox PCG64 PCG64DXSM default_rng"))


@dataclass(frozen=True)
class Module:
    """A parsed file of the package."""

    name: str
    path: Path
    tree: ast.Module

    @cached_property
    def room(self) -> str:
        """First part below the package; empty for `daccord/__init__`."""
        return self.name.partition(".")[2].partition(".")[0]

    @cached_property
    def package(self) -> str:
        """What relative imports are relative to."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @cached_property
    def public(self) -> list[str] | None:
        """`__all__` if it is written as a literal; None if it is missing."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in _assigned(node) and node.value is not None:
                return list(ast.literal_eval(node.value))
        return None

    def imports(self, body: list[ast.stmt] | None = None) -> Iterator[tuple[int, str, str]]:
        """(line, module, imported name or "") of every import anywhere below `body`, dynamic ones included."""
        for root in self.tree.body if body is None else body:
            for node in ast.walk(root):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        yield node.lineno, alias.name, ""
                elif isinstance(node, ast.ImportFrom):
                    base = node.module or ""
                    if node.level:
                        up = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
                        base = ".".join([*up, base] if base else up)
                    for alias in node.names:
                        yield node.lineno, base, alias.name
                elif isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"} and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield node.lineno, first.value, ""


def _called(node: ast.Call) -> str:
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def _assigned(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for top in targets for target in ast.walk(top) if isinstance(target, ast.Name)}


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def read_tree(source: Path) -> dict[str, Module]:
    """All modules of the package by dotted name."""
    modules = {}
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(("daccord", *(parts[:-1] if parts[-1] == "__init__" else parts)))
        modules[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    return modules


def _target(modules: dict[str, Module], base: str, name: str) -> str:
    """The module an import reaches: `from daccord.fusion import _scores` reaches `daccord.fusion._scores`."""
    return f"{base}.{name}" if f"{base}.{name}" in modules or (base == "daccord" and name in ROOMS) else base


def order_problems(modules: dict[str, Module]) -> list[str]:
    """Unknown rooms, imports downwards, imports of another room's private modules, an eager `daccord/__init__`."""
    problems = []
    for module in modules.values():
        if module.name == "daccord":
            eager = [node for node in module.tree.body if not _is_typing_block(node) and not _is_definition(node)]
            problems += [
                f"{module.name}:{line} imports {base} eagerly"
                for line, base, _ in module.imports(eager)
                if base.partition(".")[0] == "daccord"
            ]
            continue
        if module.room not in ROOMS:
            problems.append(f"{module.name} is in no known room")
            continue
        for line, base, name in module.imports():
            if base.partition(".")[0] != "daccord":
                continue
            parts = _target(modules, base, name).split(".")[1:]
            where = f"{module.name}:{line}"
            if not parts:
                if name and not name.startswith("__"):
                    problems.append(f"{where} takes {name} from daccord instead of from its room")
            elif parts[0] not in ROOMS:
                problems.append(f"{where} imports {'.'.join(parts)}, which is in no known room")
            elif parts[0] != module.room:
                if ROOMS.index(parts[0]) > ROOMS.index(module.room):
                    problems.append(f"{where} imports {parts[0]}, which is below {module.room}")
                private = [part for part in parts if part.startswith("_") and not part.startswith("__")]
                if private:
                    problems.append(f"{where} imports {'.'.join(parts)}, which is private to {parts[0]}")
    return problems


def _is_typing_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and _dotted(node.test).endswith("TYPE_CHECKING")


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def purity_problems(modules: dict[str, Module]) -> list[str]:
    """Files, clocks, terminals, networks and unlogged randomness in a pure room."""
    problems = []
    for module in modules.values():
        if module.room not in PURE:
            continue
        for line, base, name in module.imports():
            reached = {base, base.partition(".")[0], f"{base}.{name}"}
            problems += [
                f"{module.name}:{line} imports {library}"
                for library in sorted((reached & IO_LIBRARIES) - PURE_PARTS.get(module.name, set()))
            ]
            if base == "numpy.random" and name not in NUMPY_SEEDED:
                problems.append(f"{module.name}:{line} imports numpy.random.{name}, which is not seeded by the round")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and _dotted(node.value) in {"np.random", "numpy.random"}:
                if node.attr not in NUMPY_SEEDED:
                    problems.append(
                        f"{module.name}:{node.lineno} uses numpy.random.{node.attr}, which has a hidden state"
                    )
            elif isinstance(node, ast.Call):
                problems += [f"{module.name}:{node.lineno} calls {what}" for what in _impure(node)]
    return problems


def _impure(node: ast.Call) -> Iterator[str]:
    name = _called(node)
    if isinstance(node.func, ast.Name) and name in IO_CALLS:
        yield f"{name}()"
    if isinstance(node.func, ast.Attribute) and name in CLOCK_CALLS:
        yield f".{name}(), which reads the clock"
    if isinstance(node.func, ast.Attribute) and _dotted(node.func.value) in {"np", "numpy"} and name in NUMPY_FILES:
        yield f"numpy.{name}, which touches files"
    if name in {"default_rng", "SeedSequence"} and not node.args and not node.keywords:
        yield f"{name}() without a seed"


def _definition(modules: dict[str, Module], module: Module, name: str) -> ast.AST | None:
    """Where a public name comes from, through re-exports; an outside library's name counts as found."""
    for node in ast.walk(module.tree):
        if isinstance(node, _DEFINITIONS) and node.name == name:
            return node
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            aliases = [alias for alias in node.names if (alias.asname or alias.name) == name]
            if not aliases:
                continue
            base = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if isinstance(node, ast.ImportFrom) and node.level:
                base = f"{module.package}.{base}".rstrip(".")
            if base.partition(".")[0] != "daccord":
                return node
            if f"{base}.{aliases[0].name}" in modules:
                return modules[f"{base}.{aliases[0].name}"].tree
            origin = modules.get(base)
            return _definition(modules, origin, aliases[0].name) if origin and origin is not module else None
    return next((node for node in module.tree.body if name in _assigned(node)), None)


def order_of_names(name: str) -> tuple[int, str]:
    """The order ruff keeps: constants, classes, functions; each by alphabet."""
    bare = name.strip("_")
    return (0 if bare.isupper() and len(bare) > 1 else 1 if bare[:1].isupper() else 2), name


def surface_problems(modules: dict[str, Module]) -> list[str]:
    """Rooms without `__all__`; names in it that are missing, out of order or without a docstring."""
    problems = []
    for module in modules.values():
        is_room = module.name.count(".") == 1
        if module.public is None:
            if is_room:
                problems.append(f"{module.name} has no __all__")
            continue
        problems += [
            f"{module.name}: __all__ has {later!r} after {earlier!r}"
            for earlier, later in pairwise(module.public)
            if order_of_names(earlier) >= order_of_names(later)
        ]
        for name in module.public:
            found = _definition(modules, module, name)
            if found is None:
                problems.append(f"{module.name}: __all__ names {name!r}, which does not exist")
            elif isinstance(found, _DEFINITIONS) and not (ast.get_docstring(found) or "").strip():
                problems.append(f"{module.name}: public {name!r} has no docstring")
    return problems


CHECKS = {"order": order_problems, "purity": purity_problems, "surface": surface_problems}


@pytest.mark.parametrize("check", CHECKS)
def test_rooms_of_daccord(check: str) -> None:
    modules = read_tree(SOURCE)
    assert {"daccord", "daccord.errors", "daccord.pipeline", "daccord.cli.main"} <= set(modules)
    problems = CHECKS[check](modules)
    assert not problems, "\n".join(problems)


def plant(folder: Path, **files: str) -> dict[str, Module]:
    """Write a synthetic package with a `fusion` room; `fusion__fit="…"` is `fusion/fit.py`."""
    for key, text in {"fusion___scores": "", **files}.items():
        path = folder / ("__init__.py" if key == "__init__" else key.replace("__", "/", 1) + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_tree(folder)


BAD_ORDER = {
    "downwards": ("money", "from daccord.fusion import Scores\n", "imports fusion, which is below money"),
    "inside a function": ("money", "def f():\n    import daccord.report\n", "imports report, which is below money"),
    "for typing only": (
        "money",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from daccord.cli import x\n",
        "imports cli, which is below money",
    ),
    "by name of a room": ("money", "from daccord import web\n", "imports web, which is below money"),
    "dynamically": ("money", "from importlib import import_module\nimport_module('daccord.web')\n", "imports web"),
    "relatively": ("fusion__fit", "from ..pipeline import decide\n", "imports pipeline, which is below fusion"),
    "private": ("pipeline", "from daccord.fusion._scores import Scores\n", "imports fusion._scores, which is private"),
    "private by name": ("pipeline", "from daccord.fusion import _scores\n", "imports fusion._scores, which is private"),
    "through the front door": ("cli__main", "from daccord import decide_all\n", "takes decide_all from daccord"),
    "unknown room": ("attic", "", "daccord.attic is in no known room"),
    "eager front": ("__init__", "from daccord.errors import DaccordError\n", "imports daccord.errors eagerly"),
    "eager front in try": ("__init__", "try:\n    import daccord.web\nexcept ImportError:\n    pass\n", "eagerly"),
}


@pytest.mark.parametrize("case", BAD_ORDER)
def test_order_check_sees(case: str, tmp_path: Path) -> None:
    file, text, message = BAD_ORDER[case]
    problems = order_problems(plant(tmp_path, **{file: text}))
    assert len(problems) == 1
    assert message in problems[0]


BAD_PURITY = {
    "import os": "imports os",
    "import os.path": "imports os",
    "from pathlib import Path": "imports pathlib",
    "import logging.handlers": "imports logging.handlers",
    "from logging import handlers": "imports logging.handlers",
    "def f():\n    import json": "imports json",
    "open('x')": "calls open()",
    "print(1)": "calls print()",
    "from datetime import datetime\ndatetime.now()": "reads the clock",
    "from datetime import date\ndate.today()": "reads the clock",
    "import numpy as np\nnp.random.normal()": "hidden state",
    "import numpy as np\nnp.random.default_rng()": "without a seed",
    "from numpy.random import rand": "not seeded by the round",
    "import numpy as np\nnp.loadtxt('x')": "touches files",
    "import altair": "imports altair",
}


@pytest.mark.parametrize("text", BAD_PURITY)
def test_purity_check_sees(text: str, tmp_path: Path) -> None:
    modules = plant(tmp_path, money=text, report=text)
    problems = purity_problems(modules)
    assert len(problems) == 1, problems
    assert problems[0].startswith("daccord.money:")
    assert BAD_PURITY[text] in problems[0]


def test_purity_check_allows_types_and_seeds(tmp_path: Path) -> None:
    text = (
        "from datetime import date\nimport hashlib\nimport numpy as np\nrng = np.random.default_rng(3)\n"
        "philox = np.random.Generator(np.random.Philox(key=1))\nday = date(2026, 1, 1)\n"
    )
    assert purity_problems(plant(tmp_path, money=text)) == []


BAD_SURFACE = {
    "none": ("x = 1\n", "has no __all__"),
    "ghost": ("__all__ = ['ghost']\n", "'ghost', which does not exist"),
    "disorder": ("__all__ = ['b', 'a']\na = b = 1\n", "has 'a' after 'b'"),
    "twice": ("__all__ = ['a', 'a']\na = 1\n", "has 'a' after 'a'"),
    "class last": ("__all__ = ['a', 'B']\na = 1\nclass B:\n    '''B.'''\n", "has 'B' after 'a'"),
    "undocumented function": ("__all__ = ['f']\ndef f(): pass\n", "'f' has no docstring"),
    "undocumented class": ("__all__ = ['C']\nclass C: pass\n", "'C' has no docstring"),
}


@pytest.mark.parametrize("case", BAD_SURFACE)
def test_surface_check_sees(case: str, tmp_path: Path) -> None:
    text, message = BAD_SURFACE[case]
    problems = surface_problems(plant(tmp_path, money=text))
    assert len(problems) == 1, problems
    assert message in problems[0]


def test_surface_check_follows_reexports(tmp_path: Path) -> None:
    front = "from daccord.fusion._fit import LIMIT, fit\nfrom ._fit import other\n__all__ = ['LIMIT', 'fit', 'other']\n"
    body = "LIMIT: int = 3\ndef fit():\n    '''Fit.'''\ndef other(): pass\n"
    modules = plant(tmp_path, fusion____init__=front, fusion___fit=body)
    assert surface_problems(modules) == ["daccord.fusion: public 'other' has no docstring"]

"""World files: what people believe of a world, what is asked of it, and when it was put down.

`docs/spec/world-file.md` is the format.
"""

from daccord.formats.worlds._examples import Example, examples
from daccord.formats.worlds._fields import CONSTITUTIONS, FORMAT, TABLES, Key, keys_of
from daccord.formats.worlds._file import SEVEN_NAMES, WorldFile, default_study, meaning
from daccord.formats.worlds._imported import imported_world
from daccord.formats.worlds._reading import load_world, read_world
from daccord.formats.worlds._register import (
    Change,
    Registration,
    Standing,
    register,
    register_path,
    registrations,
    standing,
)
from daccord.formats.worlds._schema import world_schema
from daccord.formats.worlds._sources import missing_sources, numbers_of, source_of
from daccord.formats.worlds._writing import world_toml

__all__ = [
    "CONSTITUTIONS",
    "FORMAT",
    "SEVEN_NAMES",
    "TABLES",
    "Change",
    "Example",
    "Key",
    "Registration",
    "Standing",
    "WorldFile",
    "default_study",
    "examples",
    "imported_world",
    "keys_of",
    "load_world",
    "meaning",
    "missing_sources",
    "numbers_of",
    "read_world",
    "register",
    "register_path",
    "registrations",
    "source_of",
    "standing",
    "world_schema",
    "world_toml",
]

"""Tables of the log's file. Their meaning is written down in docs/spec/log-storage.md."""

from __future__ import annotations

from typing import Final

__all__ = ["KIND", "SCHEMA", "VERSION"]

KIND: Final = 0x64616C67
VERSION: Final = 1
SCHEMA: Final = """
CREATE TABLE log (one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL) STRICT;
CREATE TABLE tree (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, root BLOB NOT NULL,
    edge BLOB NOT NULL) STRICT;
CREATE TABLE entries (position INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
CREATE TABLE tiles (level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;
CREATE TABLE witnesses (name TEXT PRIMARY KEY, size INTEGER NOT NULL REFERENCES checkpoints (size)) STRICT;
CREATE TABLE promises (hash BLOB PRIMARY KEY, leaf BLOB NOT NULL, due INTEGER NOT NULL, promise BLOB NOT NULL,
    position INTEGER REFERENCES entries (position)) STRICT;
CREATE INDEX promises_open ON promises (due) WHERE position IS NULL
"""

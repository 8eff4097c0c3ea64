"""Where the record is kept and served from: the log's file, static tiles, keys, and a witness."""

from daccord.store._agent import AgentSigner, agent_keys
from daccord.store._archives import LogFilePlace, ZipPlace, write_zip
from daccord.store._export import Exported, export
from daccord.store._group import GroupCommit
from daccord.store._key_file import create_key, read_key
from daccord.store._open import open_place
from daccord.store._places import FolderPlace, LogCopy, Place, UrlPlace
from daccord.store._reader import Head, LogReader, Promise
from daccord.store._witness_client import Cosigned, WitnessAt, cosign_checkpoint
from daccord.store._witness_server import LARGEST_REQUEST, WitnessServer
from daccord.store._witness_state import Witness, WitnessFile
from daccord.store._writer import LogWriter

__all__ = [
    "LARGEST_REQUEST",
    "AgentSigner",
    "Cosigned",
    "Exported",
    "FolderPlace",
    "GroupCommit",
    "Head",
    "LogCopy",
    "LogFilePlace",
    "LogReader",
    "LogWriter",
    "Place",
    "Promise",
    "UrlPlace",
    "Witness",
    "WitnessAt",
    "WitnessFile",
    "WitnessServer",
    "ZipPlace",
    "agent_keys",
    "cosign_checkpoint",
    "create_key",
    "export",
    "open_place",
    "read_key",
    "write_zip",
]

"""What entries of the log say: the kinds of payloads, the keys each must have, the manifest of a round."""

from daccord.record.payloads._kinds import KINDS, Payload, kind_of, media_type, parse_payload
from daccord.record.payloads._manifest import Engine, FileName, Manifest, Model, Sealing, parse_manifest
from daccord.record.payloads._tables import TABLES, Answers

__all__ = [
    "KINDS",
    "TABLES",
    "Answers",
    "Engine",
    "FileName",
    "Manifest",
    "Model",
    "Payload",
    "Sealing",
    "kind_of",
    "media_type",
    "parse_manifest",
    "parse_payload",
]

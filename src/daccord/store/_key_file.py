"""A signing key in a file that only its owner can read: PEM, PKCS 8, as other programs write it too."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from daccord.errors import InputError
from daccord.record.keys import LocalSigner
from daccord.store._database import outside, sync_folder

__all__ = ["create_key", "read_key"]

_LARGEST: Final = 4096


def create_key(path: str | Path) -> LocalSigner:
    """Make a key and keep it in a new file, readable by its owner only.

    Raises:
        InputError: There is such a file already; it is not touched.
        ExternalError: The disk refused.
    """
    place, seed = Path(path), secrets.token_bytes(32)
    text = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with outside(f"{place}: the key could not be written"):
        try:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise InputError.single(str(place), "the file exists", remedy="name a new file for the key") from None
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            sync_folder(place.absolute().parent)
        except BaseException:
            place.unlink(missing_ok=True)  # half a key is none
            raise
    return LocalSigner(seed)


def read_key(path: str | Path) -> LocalSigner:
    """Read a key.

    Raises:
        InputError: It is no plain file, others than its owner may read it, or it holds no Ed25519 key.
        ExternalError: It cannot be read.
    """
    place = Path(path)
    with outside(f"{place}: the key could not be read"):
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise InputError.single(str(place), "it is no plain file", remedy="name the file of the key")
            if about.st_mode & 0o077 or about.st_uid not in (os.geteuid(), 0):
                raise InputError.single(
                    str(place),
                    f"others may read the key (mode {stat.S_IMODE(about.st_mode):04o}, owner {about.st_uid})",
                    remedy=f"chmod 600 {place}, and consider whether somebody has read it",
                )
            text = file.read(_LARGEST)
    try:
        key = load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # the texts of these errors may quote the key
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError.single(str(place), "no Ed25519 key in PEM without a passphrase", remedy="make one anew")
    return LocalSigner(key.private_bytes_raw())

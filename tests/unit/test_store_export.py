"""Static tiles: written once, read back from a folder and from an address, and refused where they were touched."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daccord.errors import ExternalError, InputError, IntegrityError, RefusedError
from daccord.record.keys import LocalSigner
from daccord.record.log import Checkpoint, entry_hash, entry_tiles, hash_tiles, open_checkpoint, tree_root
from daccord.store import FolderPlace, LogCopy, LogWriter, UrlPlace, WitnessFile, export, open_place

ORIGIN = "log.example/1"
SIGNER = LocalSigner(bytes(32))


def entries(count: int, first: int = 0) -> list[bytes]:
    return [b"entry %d" % i for i in range(first, first + count)]


def grow(log: LogWriter, count: int) -> None:
    log.append(entries(count, log.head().size))
    log.sign_checkpoint([SIGNER])


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogWriter]:
    with LogWriter(tmp_path / "log.sqlite", ORIGIN) as made:
        yield made


def head_of(copy: LogCopy) -> Checkpoint:
    return open_checkpoint(copy.checkpoint())[0]


def test_the_page_says_what_is_written(log: LogWriter, tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/spec/log-storage.md").read_text(encoding="utf-8")
    example = page.partition("### Example")[2].partition("## Reading")[0]
    grow(log, 300)
    export(log, tmp_path / "public")
    sizes = {name: len(data) for name, data in files(tmp_path / "public").items() if name != "checkpoint"}
    told = re.findall(r"^(tile/\S+) +([\d,]+) bytes$", example, re.MULTILINE)
    assert {name: int(size.replace(",", "")) for name, size in told} == sizes
    assert f"`{log.head().root.hex()}`" in example
    with WitnessFile(tmp_path / "witness.sqlite") as witness:
        for connection in (log._connection, witness._connection):
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = page.partition(f"| `{table}` |")[2].partition("\n\n")[0].splitlines()
                rows = [row for number, row in enumerate(rows) if number == 0 or row.startswith("| |")]
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                assert re.findall(r"`(\w+)` \| ", "\n".join(rows))[: len(columns)] == columns


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 65_800])
def test_an_export_is_the_tree_of_the_slow_reference(log: LogWriter, tmp_path: Path, size: int) -> None:
    grow(log, size)
    folder = tmp_path / "public"
    done = export(log, folder)
    expected = dict(hash_tiles([entry_hash(one) for one in entries(size)])) | dict(entry_tiles(entries(size)))
    assert files(folder) == expected | {"checkpoint": log.checkpoint()}
    assert (done.size, done.since, done.files) == (size, 0, len(expected) + 1)
    copy = LogCopy(FolderPlace(folder))
    assert list(copy.entries(head_of(copy))) == entries(size)


def test_exports_add_what_is_new_and_touch_nothing_whole(log: LogWriter, tmp_path: Path) -> None:
    folder, whole_once = tmp_path / "public", {}
    for count in (0, 3, 250, 3, 300, 0, 700):
        grow(log, count)
        export(log, folder)
        now = {name: (folder / name).stat().st_mtime_ns for name in files(folder) if "/" in name and ".p/" not in name}
        assert {name: now[name] for name in whole_once} == whole_once
        whole_once = now
        copy = LogCopy(FolderPlace(folder))
        assert list(copy.entries(head_of(copy))) == entries(log.head().size)
    assert not (folder / "tile/0/000.p").exists()  # whole by now
    assert (folder / "tile/0/004.p/232").exists()
    assert export(log, folder).files == 1  # nothing is new; the checkpoint may have got cosignatures


def test_parts_may_be_kept(log: LogWriter, tmp_path: Path) -> None:
    for count in (3, 300):
        grow(log, count)
        export(log, tmp_path / "public", keep_partial=True)
    assert (tmp_path / "public/tile/entries/000.p/3").exists()


def test_a_reader_with_an_older_checkpoint_takes_the_beginning_of_whole_tiles(log: LogWriter, tmp_path: Path) -> None:
    grow(log, 130)
    older = Checkpoint(ORIGIN, 130, log.head().root)
    grow(log, 400)
    export(log, tmp_path / "public")
    assert list(LogCopy(FolderPlace(tmp_path / "public")).entries(older)) == entries(130)


def test_nothing_is_shown_that_was_not_signed(log: LogWriter, tmp_path: Path) -> None:
    log.append(entries(5))
    with pytest.raises(RefusedError, match="nothing to show"):
        export(log, tmp_path / "public")
    log.sign_checkpoint([SIGNER])
    log.append(entries(5, 5))
    assert export(log, tmp_path / "public").size == 5
    assert files(tmp_path / "public").keys() == {"checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5"}


def test_a_folder_never_shows_two_histories(log: LogWriter, tmp_path: Path) -> None:
    grow(log, 300)
    export(log, tmp_path / "public")
    with LogWriter(tmp_path / "younger.sqlite", ORIGIN) as younger:  # a database of yesterday
        grow(younger, 200)
        with pytest.raises(IntegrityError, match="shows 300 entries, and the last checkpoint has 200"):
            export(younger, tmp_path / "public")
    with LogWriter(tmp_path / "forged.sqlite", ORIGIN) as forged:
        forged.append([b"another"])
        grow(forged, 400)
        with pytest.raises(IntegrityError, match="shows another tree of 300 entries"):
            export(forged, tmp_path / "public")
    with LogWriter(tmp_path / "other.sqlite", "other.example") as other:
        grow(other, 400)
        with pytest.raises(InputError, match="shows another log"):
            export(other, tmp_path / "public")
    assert head_of(LogCopy(FolderPlace(tmp_path / "public"))).size == 300


def test_a_whole_tile_with_other_bytes_stops_the_export(log: LogWriter, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    grow(log, 10)
    export(log, folder)
    (folder / "tile/0/000").write_bytes(bytes(8192))
    grow(log, 300)
    with pytest.raises(IntegrityError, match="whole tile with other bytes"):
        export(log, folder)
    assert head_of(LogCopy(FolderPlace(folder))).size == 10


def test_an_interrupted_export_goes_on(log: LogWriter, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    grow(log, 600)
    export(log, folder)
    (folder / "checkpoint").unlink()  # as if it had stopped before the last step
    (folder / "tile/0/000.unfinished").write_bytes(b"half")
    assert export(log, folder).since == 0
    copy = LogCopy(FolderPlace(folder))
    assert list(copy.entries(head_of(copy))) == entries(600)


def test_the_disk_refuses_an_export(log: LogWriter, tmp_path: Path) -> None:
    grow(log, 3)
    (tmp_path / "file").write_text("")
    with pytest.raises(ExternalError, match="could not be exported"):
        export(log, tmp_path / "file" / "public")


def test_every_changed_byte_is_located(log: LogWriter, tmp_path: Path) -> None:
    grow(log, 66_000)
    folder = tmp_path / "public"
    export(log, folder)
    copy = LogCopy(FolderPlace(folder))
    head = head_of(copy)
    for name, message in {
        "tile/0/003": "tile/0/003 is not the one|entry .* is not the one in the tree",
        "tile/0/257.p/208": "do not give the root",
        "tile/1/000": "tile/1/000 is not|tile/0/... is not",
        "tile/1/001.p/1": "do not give the root",
        "tile/2/000.p/1": "do not give the root",
        "tile/entries/100": "entry 25[678].. is not the one in the tree|bundle",
        "tile/entries/257.p/208": "tile/entries/257.p/208: entry|bundle",
    }.items():
        data = (folder / name).read_bytes()
        for at in (0, len(data) // 2, len(data) - 1):
            (folder / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            with pytest.raises(IntegrityError, match=message):
                list(copy.entries(head))
        (folder / name).unlink()
        with pytest.raises(IntegrityError, match=f"{name} is missing"):
            list(copy.entries(head))
        (folder / name).write_bytes(data)
    assert sum(1 for _ in copy.entries(head)) == 66_000


class Untrusted:
    """A place that gives what a stranger made up."""

    def __init__(self, given: dict[str, bytes]) -> None:
        self.given = given

    def read(self, path: str) -> bytes | None:
        return self.given.get(path)


SMALL = entries(300)
SMALL_FILES = dict(hash_tiles([entry_hash(one) for one in SMALL])) | dict(entry_tiles(SMALL))
SMALL_HEAD = Checkpoint(ORIGIN, 300, tree_root([entry_hash(one) for one in SMALL]))


@given(st.sampled_from(sorted(SMALL_FILES)), st.binary(max_size=60), st.integers(0, 9000), st.integers(0, 60))
def test_a_place_gives_the_entries_or_is_refused(name: str, data: bytes, at: int, cut: int) -> None:
    before = SMALL_FILES[name]
    given_now = SMALL_FILES | {name: before[:at] + data + before[at + cut :]}
    try:
        assert list(LogCopy(Untrusted(given_now)).entries(SMALL_HEAD)) == SMALL
    except IntegrityError:
        assert given_now[name] != before


@given(st.dictionaries(st.sampled_from([*sorted(SMALL_FILES), "checkpoint"]), st.binary(max_size=100)))
def test_a_place_that_is_made_up_is_refused(given_now: dict[str, bytes]) -> None:
    copy = LogCopy(Untrusted(given_now))
    for ask in (copy.checkpoint, lambda: list(copy.entries(SMALL_HEAD)), lambda: open_checkpoint(copy.checkpoint())):
        try:
            ask()
        except IntegrityError:
            continue
        assert ask == copy.checkpoint


def test_a_folder_gives_plain_files_of_logs_only(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    for path in ("../secret", "tile/0/../../secret", "tile/64/000", "tile/0/1", "tile/0/000\n", "/etc/passwd", ""):
        with pytest.raises(IntegrityError, match="no file of a log"):
            place.read(path)
    os.mkfifo(tmp_path / "checkpoint")
    assert place.read("checkpoint") is None  # and does not wait for ever
    (tmp_path / "tile").mkdir()
    (tmp_path / "tile" / "0").write_text("")
    assert place.read("tile/0/000") is None
    (tmp_path / "checkpoint").unlink()
    (tmp_path / "checkpoint").write_bytes(bytes(70_000))
    with pytest.raises(IntegrityError, match="longer than"):
        place.read("checkpoint")


Reply = Callable[[BaseHTTPRequestHandler], None]


class Host:
    """A web host on this machine."""

    def __init__(self, reply: Reply) -> None:
        self.asked: list[str] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(self.path)
                reply(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/some/log"


def answer(status: int, body: bytes = b"", **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def test_a_log_is_read_from_below_an_address(log: LogWriter, tmp_path: Path) -> None:
    grow(log, 700)
    export(log, tmp_path / "public")
    shown = files(tmp_path / "public")

    def serve(handler: BaseHTTPRequestHandler) -> None:
        data = shown.get(handler.path.removeprefix("/some/log/"))
        answer(404 if data is None else 200, data or b"")(handler)

    with Host(serve) as host:
        copy = LogCopy(open_place(host.url))
        assert list(copy.entries(head_of(copy))) == entries(700)
        assert copy.tree(head_of(copy)).root() == tree_root([entry_hash(one) for one in entries(700)])
        assert all(path.startswith("/some/log/") for path in host.asked)
        with pytest.raises(IntegrityError, match="tile/0/009 is missing"):
            copy.fetch("tile/0/009")


BAD_ANSWERS = {
    "leads elsewhere": (answer(302, Location="http://127.0.0.1:1/checkpoint"), ExternalError, "answered 302"),
    "fails": (answer(500), ExternalError, "answered 500"),
    "is endless": (answer(200, bytes(1 << 20)), IntegrityError, "longer than"),
    "is cut off": (answer(200, b"abc", Content_Length="9"), ExternalError, "cut off|cannot be read"),
    "is packed": (answer(200, b"abc", Content_Encoding="gzip"), IntegrityError, "encoding"),
    "is no HTTP": (lambda handler: handler.wfile.write(b"hello\n"), ExternalError, "cannot be read"),
    "has no length": (answer(200, b"abc", Content_Length="many"), ExternalError, "cannot be read"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_host_whose_answer(case: str) -> None:
    reply, kind, message = BAD_ANSWERS[case]
    with Host(reply) as host, pytest.raises(kind, match=message):
        UrlPlace(host.url, timeout=2).read("checkpoint")


def test_a_slow_host_is_not_waited_for(tmp_path: Path) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(40):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    with Host(drip) as host, pytest.raises(ExternalError, match="in time"):
        UrlPlace(host.url, timeout=0.3).read("checkpoint")


@pytest.mark.parametrize(
    "prefix",
    ["file:///etc", "ftp://host/", "http://", "http://user@host/", "http://host/?q", "http://host/#f", "http://h:x/",
     "http://host/ a", "http://host\\@other/", "http://host/\n", "http://h:0/", "//host/", "http://höst/"],
)  # fmt: skip
def test_addresses_that_are_none(prefix: str) -> None:
    with pytest.raises(InputError, match="no web address"):
        UrlPlace(prefix)


def test_nobody_answers() -> None:
    with pytest.raises(ExternalError, match="cannot be read"):
        UrlPlace("http://127.0.0.1:1/log", timeout=2).read("checkpoint")

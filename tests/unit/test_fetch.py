"""Fetching from a real server on the loopback interface that drops, refuses, lies and comes back."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from daccord.errors import ExternalError, IntegrityError
from daccord.formats._fetch_http import ATTEMPTS
from daccord.formats.fetching import RECIPES, NotFoundError, Recipe, SourceFile, fetch

DATA = bytes(range(256)) * 1024  # 256 KiB: several chunks


@dataclass
class Site:
    """What the server does, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    drops: list[int] = field(default_factory=list)  # after so many bytes of the next answers
    statuses: list[int] = field(default_factory=list)  # of the next answers, before any file is sent
    ranges: bool = True
    wrong_ranges: bool = False
    chunked: bool = False
    retry_after: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    sent: int = 0
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Site = self.server.site
        wanted = self.headers.get("Range")
        site.asked.append((self.path, wanted))
        status = site.statuses.pop(0) if site.statuses else 200
        data = site.files.get(self.path)
        if status != 200 or data is None:
            self.send_response(status if status != 200 else 404)
            if site.retry_after:
                self.send_header("Retry-After", site.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and site.ranges else 0
        body = data[start:]
        if start >= len(data) > 0 and wanted:
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if start:
            self.send_response(206)
            shown = start + 1 if site.wrong_ranges else start
            self.send_header("Content-Range", f"bytes {shown}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        if site.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if site.drops:
            body = body[: site.drops.pop(0)]
            self.close_connection = True
        site.sent += len(body)  # before the client can have it all
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep stderr quiet."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.site = Site(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.site
    server.shutdown()
    thread.join()
    server.server_close()


def source(path: str = "a/b c.csv", data: bytes = DATA, **changes: object) -> SourceFile:
    about = {
        "path": path,
        "repository": "owner/name",
        "source": "data/b c.csv",
        "commit": "0" * 40,
        "licence": "CC0",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return SourceFile(**(about | changes))


def recipe(*files: SourceFile) -> Recipe:
    return Recipe("test", "Test", files)


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_file_arrives_under_its_name_with_progress(site: Site, tmp_path: Path) -> None:
    site.files["/mirror/a/b%20c.csv"] = DATA
    seen: list[int] = []
    results = fetch(
        recipe(source()), tmp_path, mirror=f"{site.url}/mirror/", on_progress=lambda _file, got: seen.append(got)
    )
    assert [result.status for result in results] == ["fetched"]
    assert (tmp_path / "a/b c.csv").read_bytes() == DATA
    assert left_behind(tmp_path) == ["b c.csv"]
    assert seen == sorted(seen)
    assert seen[-1] == len(DATA)
    assert len(seen) > 1


def test_empty_file_can_be_fetched(site: Site, tmp_path: Path) -> None:
    site.files["/empty"] = b""
    fetch(recipe(source("empty", b"")), tmp_path, mirror=site.url)
    assert (tmp_path / "empty").read_bytes() == b""


def test_present_file_is_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(DATA)
    results = fetch(recipe(source("x")), tmp_path, mirror=site.url)
    assert [result.status for result in results] == ["present"]
    assert site.asked == []


def test_present_file_with_other_bytes_is_refused_and_not_touched(site: Site, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(IntegrityError, match="move the file away"):
        fetch(recipe(source("x")), tmp_path, mirror=site.url)
    assert (tmp_path / "x").read_bytes() == b"mine"
    assert site.asked == []


def test_dropped_connection_is_resumed_with_the_rest_only(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.drops = [len(DATA) // 2]
    pauses: list[float] = []
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=pauses.append)
    assert (tmp_path / "x").read_bytes() == DATA
    assert site.asked == [("/x", None), ("/x", f"bytes={len(DATA) // 2}-")]
    assert site.sent == len(DATA)  # no byte was sent twice
    assert len(pauses) == 1


def test_later_run_continues_an_interrupted_one(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.drops = [100_000] + [0] * ATTEMPTS
    with pytest.raises(ExternalError, match=f"100000 of {len(DATA)} bytes") as raised:
        fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert raised.value.exit_code == 3
    assert left_behind(tmp_path) == ["x.part"]
    site.drops.clear()
    site.asked.clear()
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert site.asked == [("/x", "bytes=100000-")]
    assert (tmp_path / "x").read_bytes() == DATA
    assert left_behind(tmp_path) == ["x"]


def test_complete_part_of_an_earlier_run_needs_no_request(site: Site, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(DATA)
    fetch(recipe(source("x")), tmp_path, mirror=site.url)
    assert site.asked == []
    assert left_behind(tmp_path) == ["x"]


@pytest.mark.parametrize("leftover", [b"x" * 1000, b"x" * len(DATA), b"x" * (len(DATA) + 1)])
def test_part_of_another_file_does_not_spoil_the_download(site: Site, tmp_path: Path, leftover: bytes) -> None:
    site.files["/x"] = DATA
    (tmp_path / "x.part").write_bytes(leftover)
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert (tmp_path / "x").read_bytes() == DATA
    assert left_behind(tmp_path) == ["x"]


def test_server_without_ranges_sends_all_again(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.ranges = False
    site.drops = [len(DATA) // 2]
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert (tmp_path / "x").read_bytes() == DATA
    assert site.asked[1] == ("/x", f"bytes={len(DATA) // 2}-")
    assert site.sent == len(DATA) // 2 + len(DATA)


def test_server_without_ranges_that_always_drops_is_given_up(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.ranges = False
    site.drops = [1000] * 50
    with pytest.raises(ExternalError, match="gave up"):
        fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert len(site.asked) == ATTEMPTS


def test_bad_line_with_slow_progress_is_not_given_up(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.drops = [10_000] * (ATTEMPTS * 3)
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert (tmp_path / "x").read_bytes() == DATA
    assert site.sent == len(DATA)


def test_another_part_than_asked_for_is_not_used(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.wrong_ranges = True
    site.drops = [1000]
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert (tmp_path / "x").read_bytes() == DATA
    assert [wanted for _, wanted in site.asked] == [None, "bytes=1000-", None]


def test_answer_without_length_is_checked_too(site: Site, tmp_path: Path) -> None:
    site.files = {"/x": DATA, "/long": DATA + b"more"}
    site.chunked = True
    fetch(recipe(source("x")), tmp_path, mirror=site.url)
    assert (tmp_path / "x").read_bytes() == DATA
    with pytest.raises(IntegrityError, match="longer than"):
        fetch(recipe(source("long")), tmp_path, mirror=site.url)
    assert left_behind(tmp_path) == ["x"]


@pytest.mark.parametrize("other", [DATA[:-1] + b"!", DATA + b"!", DATA[:-1]])
def test_other_bytes_are_refused_and_not_kept(site: Site, tmp_path: Path, other: bytes) -> None:
    site.files["/x"] = other
    with pytest.raises(IntegrityError) as raised:
        fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=lambda _: None)
    assert raised.value.exit_code == 1
    assert "not kept" in str(raised.value)
    assert left_behind(tmp_path) == []
    assert len(site.asked) == 1


def test_missing_file_is_an_outside_failure_at_once(site: Site, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="404") as raised:
        fetch(recipe(source("x")), tmp_path, mirror=site.url)
    assert raised.value.exit_code == 3
    assert len(site.asked) == 1
    assert left_behind(tmp_path) == []


def test_refusal_is_not_retried(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.statuses = [403]
    with pytest.raises(ExternalError, match="403"):
        fetch(recipe(source("x")), tmp_path, mirror=site.url)
    assert len(site.asked) == 1


def test_busy_server_is_asked_again_when_it_says(site: Site, tmp_path: Path) -> None:
    site.files["/x"] = DATA
    site.statuses = [503, 429]
    site.retry_after = "7"
    pauses: list[float] = []
    fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=pauses.append)
    assert pauses == [7.0, 7.0]
    assert (tmp_path / "x").read_bytes() == DATA


def test_pauses_grow_and_end(site: Site, tmp_path: Path) -> None:
    site.statuses = [500] * 20
    pauses: list[float] = []
    with pytest.raises(ExternalError, match=f"after {ATTEMPTS} attempts"):
        fetch(recipe(source("x")), tmp_path, mirror=site.url, pause=pauses.append)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1] <= 30
    assert len(pauses) == ATTEMPTS - 1


def test_no_server_is_an_outside_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with socket.socket() as unheard:  # bound, so that nobody else gets the port, and not listening
        unheard.bind(("127.0.0.1", 0))
        mirror = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(ExternalError, match="no connection"):
            fetch(recipe(source("x")), tmp_path, mirror=mirror, pause=lambda _: None)


def test_mirror_only_file_is_left_out_without_one(site: Site, tmp_path: Path) -> None:
    files = recipe(source("x", mirror_only=True))
    assert [result.status for result in fetch(files, tmp_path)] == ["left out"]
    assert [result.status for result in fetch(files, tmp_path, mirror=site.url)] == ["left out"]
    site.files["/x"] = DATA
    assert [result.status for result in fetch(files, tmp_path, mirror=site.url)] == ["fetched"]


def test_folder_as_mirror_is_checked_too(tmp_path: Path) -> None:
    mirror, out = tmp_path / "mirror", tmp_path / "out"
    (mirror / "a").mkdir(parents=True)
    (mirror / "a/good").write_bytes(DATA)
    (mirror / "a/bad").write_bytes(DATA + b"!")
    fetch(recipe(source("a/good")), out, mirror=str(mirror))
    assert (out / "a/good").read_bytes() == DATA
    with pytest.raises(IntegrityError, match="not kept"):
        fetch(recipe(source("a/bad")), out, mirror=str(mirror))
    with pytest.raises(NotFoundError, match="no such file"):
        fetch(recipe(source("a/none")), out, mirror=str(mirror))
    assert left_behind(out) == ["good"]


def test_folder_that_cannot_be_made_is_an_outside_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExternalError, match="cannot be made"):
        fetch(recipe(source("a/x")), tmp_path / "file", mirror=str(tmp_path))


def test_recipes_are_pinned_and_stay_inside_their_folder() -> None:
    for found in RECIPES.values():
        paths = [file.path for file in found.files]
        assert len(set(paths)) == len(paths)
        for file in found.files:
            assert len(file.commit) == 40
            assert len(file.sha256) == 64
            assert file.size > 0
            assert file.licence
            assert ".." not in file.path
            assert not file.path.startswith("/")
            assert file.url.startswith(f"https://raw.githubusercontent.com/{file.repository}/{file.commit}/")
            assert " " not in file.url


@pytest.mark.parametrize(
    ("name", "folder"),
    [("deepfunding-gg24", "deepfunding-gg24-l1"), ("deepfunding-trial", "deepfunding-trial-2025")],
)
def test_recipes_hold_for_the_real_files(name: str, folder: str, shared_data: Path, tmp_path: Path) -> None:
    results = fetch(RECIPES[name], tmp_path, mirror=str(shared_data / folder))
    assert {result.status for result in results} == {"fetched"}
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.*")) == RECIPES[name].size

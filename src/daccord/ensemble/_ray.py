"""A Ray cluster: one of its own on this machine, or one that is there already. Needs the extra `ray`.

*Of its own:* started when the first task is run, without dashboard, listening on loopback alone and asking for Ray's
token, with no reports of use to anybody; gone with its files when the executor is closed. Ray tells its servers to
listen on loopback only where it does not offer clusters of several machines, so it is told that this is such a place.

*There already:* daccord has to be installed there in the same version, which every task checks; results are the same
bytes if numpy and the processors' kind are, too.

What tasks share is put into Ray's store once. At most `_AHEAD` tasks a worker are under way, so that a long list of
tasks fills no store; when a run is stopped, these are finished.
"""

from __future__ import annotations

import logging
import re
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from daccord import __version__
from daccord.ensemble._executor import (
    RETRIES,
    SINGLE,
    Executor,
    Failure,
    Task,
    attempt,
    lost,
    never,
    usable_processors,
)
from daccord.ensemble._pool import environment
from daccord.errors import ExternalError

__all__ = ["RayExecutor"]

_AHEAD: Final = 2
_STORE: Final = 256 * 2**20
"""Bytes of the store of a cluster of its own; Ray writes to its folder what does not fit."""
_PATIENCE: Final = 10.0
"""Seconds until an address is taken for dead."""
_LOOPBACK: Final = "127.0.0.1"
_QUIET: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_OWN: Final = {**_QUIET, **SINGLE, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "token"}


class RayExecutor(Executor):
    """Workers of a Ray cluster.

    Args:
        workers: How many; None for one a processor of this machine, or as many as the cluster has.
        address: Of a cluster that is there already, as `ray.init` takes it; None starts one.
    """

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        self.workers = workers or usable_processors()
        self._asked, self._address = workers, address
        self._ray: ModuleType | None = None
        self._folder: Path | None = None

    def close(self) -> None:
        """Leave the cluster; one of its own ends."""
        if self._ray is not None:
            self._ray.shutdown()
            self._ray = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def run(
        self, tasks: Iterable[Task], shared: object = None, stop: Callable[[], bool] = never
    ) -> Iterator[tuple[str, Any]]:
        """Run tasks on the cluster."""
        ray = self._connected()
        under_way: dict[Any, str] = {}
        try:
            yield from self._run(ray, iter(tasks), shared, stop, under_way)
        finally:
            for reference in under_way if ray.is_initialized() else ():
                ray.cancel(reference, force=True)  # the run was left: nobody wants what it is at
            if not self._entered:
                self.close()

    def _run(
        self,
        ray: ModuleType,
        source: Iterator[Task],
        shared: object,
        stop: Callable[[], bool],
        under_way: dict[Any, str],
    ) -> Iterator[tuple[str, Any]]:
        common, call = ray.put(shared), ray.remote(_call).options(num_cpus=1, max_retries=RETRIES)
        failure: Exception | None = None
        gone: list[str] = []
        why = ""
        while True:
            while len(under_way) < _AHEAD * self.workers and failure is None and not stop():
                task = next(source, None)
                if task is None:
                    break
                reference = call.remote(__version__, task.function, common, task.arguments)
                under_way[reference] = task.key
            if not under_way:
                break
            (done, *_), _ = ray.wait(list(under_way), num_returns=1)
            key = under_way.pop(done)
            try:
                result = ray.get(done)
            except ray.exceptions.RayTaskError as error:  # what a task raises is caught there: this is the way to it
                failure = failure or ExternalError(f"{key} could not be called on the cluster: {error}")
            except ray.exceptions.RayError as error:
                gone.append(key)
                why = type(error).__name__
            else:
                if isinstance(result, Failure):
                    failure = failure or result.error(key)
                else:
                    yield key, result
        if failure is not None:
            raise failure
        if gone:
            raise lost(gone, why)

    def _connected(self) -> ModuleType:
        if self._ray is not None:
            return self._ray
        with environment(_QUIET if self._address else _OWN):
            try:
                import ray  # noqa: PLC0415 - an extra, and two seconds to load
            except ImportError as error:
                raise ExternalError(
                    "Ray is not installed: pip install 'daccord[ray]', or play on a pool of processes instead"
                ) from error
            if ray.is_initialized():
                raise ExternalError("this process is connected to a Ray cluster already: call ray.shutdown() first")
            self._ray = ray
            try:
                with _own_signals():
                    self._join(ray) if self._address else self._start(ray)
            except ExternalError:
                self.close()
                raise
            except Exception as error:
                self.close()
                told = (
                    f"the Ray cluster at {self._address} was not reached" if self._address else "no Ray cluster starts"
                )
                raise ExternalError(f"{told}: {error}") from error
        return ray

    def _start(self, ray: ModuleType) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="daccord-ray-", dir="/tmp" if Path("/tmp").is_dir() else None))  # noqa: S108 - sockets need short paths; mkdtemp makes it this user's alone
        found = ray.init(
            "local",
            num_cpus=self.workers,
            num_gpus=0,
            include_dashboard=False,
            object_store_memory=_STORE,
            log_to_driver=False,
            configure_logging=False,
            logging_level=logging.ERROR,
            _node_ip_address=_LOOPBACK,
            _temp_dir=str(self._folder),
        )
        if found.address_info["node_ip_address"] != _LOOPBACK:
            raise ExternalError(
                "Ray was loaded before with other settings and would listen on the network: "
                "play in a process that has not loaded Ray"
            )

    def _join(self, ray: ModuleType) -> None:
        _knock(self._address or "")
        ray.init(
            self._address,
            log_to_driver=False,
            configure_logging=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": dict(SINGLE)},
        )
        self.workers = self._asked or max(1, int(ray.cluster_resources().get("CPU", 1)))


def _knock(address: str) -> None:
    """Whether anybody listens there; Ray itself would try for minutes."""
    found = re.fullmatch(r"(?:ray://)?\[?([^/\[\]]+)\]?:(\d{1,5})", address)
    if found is not None:
        socket.create_connection((found[1], int(found[2])), timeout=_PATIENCE).close()


def _call(version: str, function: Callable[..., object], shared: object, arguments: tuple[object, ...]) -> object:
    """A task, on the cluster."""
    if version != __version__:
        return Failure.of(
            ExternalError(f"the cluster has daccord {__version__}, this process {version}: install the same there")
        )
    return attempt(function, shared, arguments)


class _own_signals:  # noqa: N801 - used like a function
    """Ray sets a handler for SIGTERM while it starts; the one of this process stays."""

    def __enter__(self) -> None:
        self._main = threading.current_thread() is threading.main_thread()
        self._before = signal.getsignal(signal.SIGTERM)

    def __exit__(self, *_: object) -> None:
        if self._main and self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

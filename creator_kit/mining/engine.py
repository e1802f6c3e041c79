"""Where the passes over all titles run: here, in processes of this machine, or on a Dask cluster.

An engine only maps a function over partitions and gives the results in their order. Partitions are cut the same
way everywhere and merged by sums and by content, so every engine gives the same library to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from creator_kit.errors import AssetError, InputError
from creator_kit.locale import _

PARTITION_TITLES = 20_000
CONNECT_SECONDS = 10

Part = TypeVar("Part")
Result = TypeVar("Result")


class Engine(Protocol):
    """Maps a module-level function over picklable partitions."""

    def map(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        """The results in the order of ``parts``, each as soon as it and those before it are there."""
        ...


class LocalEngine:
    """This process, one partition after the other."""

    def map(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        return map(work, parts)


class ProcessEngine:
    """``n_jobs`` processes of this machine; opened by ``open_engine``."""

    def __init__(self, pool: Any, n_jobs: int) -> None:
        self._pool, self._n_jobs = pool, n_jobs

    def map(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        if len(parts) < 2:  # not worth the way there and back
            return map(work, parts)
        results: Iterator[Result] = self._pool.map(work, parts)
        return results


class DaskEngine:
    """A running Dask cluster; its workers need creator-kit installed. Opened by ``open_engine``."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
        # Scattered, so that the scheduler passes references and not the titles; not pure: no hashing of them.
        futures = self._client.map(work, self._client.scatter(list(parts), hash=False), pure=False)
        for future in futures:
            yield future.result()
            future.release()


@contextmanager
def open_engine(scheduler: str | None = None, *, n_jobs: int = 1) -> Iterator[Engine]:
    """The engine for a scheduler's address ("tcp://host:8786"), for ``n_jobs`` processes, or for this process.

    Raises AssetError where ``distributed`` is not installed, InputError where the scheduler does not answer.
    """
    if scheduler is not None:
        try:
            from distributed import Client
        except ImportError as error:
            raise AssetError(
                _("the Dask engine needs the package 'distributed'"), hint=_("pip install 'creator-kit[dask]'")
            ) from error
        try:
            client: Any = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(
                _("no Dask scheduler answers at {address}").format(address=scheduler),
                where="--scheduler",
                hint=_("start one with `dask scheduler`, and workers with `dask worker ADDRESS`"),
            ) from error
        with client:
            if not client.scheduler_info()["workers"]:
                raise InputError(
                    _("the Dask scheduler at {address} has no workers").format(address=scheduler),
                    where="--scheduler",
                    hint=_("start one with `dask scheduler`, and workers with `dask worker ADDRESS`"),
                )
            yield DaskEngine(client)
    elif n_jobs > 1:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
            yield ProcessEngine(pool, n_jobs)
    else:
        yield LocalEngine()

"""The same work on many items in several processes: results in the items' order, whatever the number of processes."""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Lock, Thread
from typing import TypeVar

from creator_kit.locale import current_language, use_language

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

# Items that wait for a process; bounds memory whatever the number of items.
_QUEUE_PER_WORKER = 8
# Held while a worker process is at an item.
_busy = Lock()


@contextmanager
def without_gc() -> Iterator[None]:
    """For work that makes many objects and no cycles: looking for some among them costs a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def map_in_order(
    work: Callable[[ItemT], ResultT],
    items: Sequence[ItemT] | Iterable[ItemT],
    *,
    n_jobs: int,
    prepare: Callable[[], object] | None = None,
) -> Iterator[ResultT]:
    """``work(item)`` for each item, in order, in ``n_jobs`` processes (in this one for 1).

    ``work`` must be picklable (a module's function, or a ``partial`` of one); what it raises ends the run. ``prepare``,
    picklable too, is called in each process before its first item: what is large goes there once. On Ctrl-C what has
    begun is finished and nothing more is started, so that files written whole stay whole.
    """
    if n_jobs <= 1:
        if prepare is not None:
            prepare()
        yield from map(work, items)
        return
    # "spawn" everywhere: the same on Windows and macOS, and safe beside threads.
    with ProcessPoolExecutor(
        n_jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(current_language(), prepare)
    ) as pool:
        waiting: deque[Future[ResultT]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(_do, work, item))
                if len(waiting) >= n_jobs * _QUEUE_PER_WORKER:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _start(language: str, prepare: Callable[[], object] | None) -> None:
    import signal

    # A parent that was killed cannot send its workers home, and they would wait for work for ever.
    Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl-C goes to all processes of a terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_language(language)
    if prepare is not None:
        prepare()


def _do(work: Callable[[ItemT], ResultT], item: ItemT) -> ResultT:
    with _busy:
        return work(item)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        with _busy:  # what it is at is finished: no half-written file stays behind
            os._exit(1)

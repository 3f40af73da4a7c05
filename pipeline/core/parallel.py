"""Independent pieces of a stage, on all cores; the results do not depend on how many there are."""

from __future__ import annotations

import pickle
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import active_children, get_context
from typing import Any, TypeVar

from models.statistics.processors import cores as cores
from pipeline.core import garbage, lifeline

Task = tuple[Callable[..., Any], tuple]
Item = TypeVar("Item")
Result = TypeVar("Result")


def each(tasks: Sequence[Task], order: Sequence[int], workers: int, told: Callable[[str, int, int], None]) -> list[Any]:
    """Call every task and return the results in the order of the tasks.

    Parameters
    ----------
    tasks
        Pairs of a function of a module and its arguments.
    order
        Places of the tasks in the order in which they begin, the longest first.
    workers
        Processes; with one, everything happens in this one.
    told
        Called after each task with what is counted, how many are done, and of how many (`progress.step`).
    """
    results: dict[int, Any] = {}
    if workers < 2:
        for place in order:
            function, arguments = tasks[place]
            results[place] = function(*arguments)
            told("pieces", len(results), len(tasks))
    else:
        context = get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(tasks)), context, _begun) as pool:
            try:
                places = {pool.submit(_called, *tasks[place]): place for place in order}
                for future in as_completed(places):
                    results[places[future]] = future.result()
                    told("pieces", len(results), len(tasks))
            except BaseException:  # also Ctrl-C: leaving the block would wait for every piece
                for worker in active_children():
                    worker.kill()
                raise
    return [results[place] for place in range(len(tasks))]


def _begun() -> None:
    """What a worker does first."""
    garbage.seldom()
    lifeline.hold_on_to_parent()


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """The result of a task; an error that would not survive the way to the other process goes as its text.

    A pool whose parent cannot read an error is broken, which looks like a process that the system has killed.
    """
    try:
        return function(*arguments)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            raise RuntimeError("".join(traceback.format_exception(error)).strip()) from None
        raise


def in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """The results of a function in the order of the items; threads work a few items ahead.

    Parameters
    ----------
    items
        Taken one by one, in this thread.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

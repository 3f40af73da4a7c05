"""Independent pieces of a stage, on all cores; the results do not depend on how many there are."""

from __future__ import annotations

import pickle
import traceback
from _thread import interrupt_main
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from multiprocessing import active_children, get_context
from threading import Lock, current_thread, main_thread
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
        Processes that work, this one among them: each further one has to load all that the tasks use.
    told
        Called after each task with what is counted, how many are done, and of how many (`progress.step`).
    """
    results: dict[int, Any] = {}
    waiting, one_at_a_time = deque(order), Lock()

    def work(call: Callable[..., Any]) -> None:
        while waiting:
            try:
                place = waiting.popleft()
            except IndexError:  # somebody else took the last one
                return
            try:
                result = call(*tasks[place])
            except BaseException:
                waiting.clear()  # nobody begins another one
                raise
            with one_at_a_time:
                results[place] = result
                told("pieces", len(results), len(tasks))

    others = min(workers, len(tasks)) - 1
    if others < 1:
        work(_here)
        return [results[place] for place in range(len(tasks))]
    pool, here = ProcessPoolExecutor(others, get_context("spawn"), _begun), current_thread()
    failed: list[BaseException] = []

    def help_out() -> None:
        try:
            work(lambda *task: pool.submit(_called, *task).result())
        except BaseException as error:
            with one_at_a_time:
                if not failed and here is main_thread():
                    interrupt_main()  # what this process is at may take minutes
                failed.append(error)
            raise

    try:
        with ThreadPoolExecutor(others) as hands:
            handed = [hands.submit(help_out) for _ in range(others)]
            try:
                work(_here)
                for hand in handed:
                    hand.result()
            except BaseException as stop:  # also Ctrl-C: the others would end what they are at, even what still starts
                with one_at_a_time:
                    failed.append(stop)
                while wait(handed, timeout=0.1).not_done:
                    for worker in active_children():
                        worker.kill()
                raise failed[0] from None
    finally:
        pool.shutdown()
    return [results[place] for place in range(len(tasks))]


def _here(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return function(*arguments)


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

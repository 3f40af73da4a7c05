"""Pieces of a stage on several processes, the stage's own among them."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children

import pytest

from pipeline.core import parallel
from pipeline.running.machine import refusal
from pipeline.wording.texts import Worded


def worked(place: int, pause: float) -> tuple[int, int]:
    time.sleep(pause)
    return place, os.getpid()


def fails_elsewhere(here: int) -> int:
    time.sleep(0.05)
    if os.getpid() != here:
        raise ValueError("no such thing")
    return here


def lasts_here(here: int) -> None:
    if os.getpid() != here:
        raise ValueError("no such thing")
    for _ in range(36_000):
        time.sleep(0.1)


def killed_elsewhere(here: int) -> None:
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    for _ in range(36_000):
        time.sleep(0.1)


def told(what: str, done: int, total: int) -> None:
    assert done <= total


def test_the_stage_itself_works_beside_its_helpers_and_results_keep_the_order_of_the_tasks() -> None:
    tasks: list[parallel.Task] = [(worked, (place, 0.3)) for place in range(12)]
    found = parallel.each(tasks, range(11, -1, -1), 2, told)
    assert [place for place, _ in found] == list(range(12))
    assert os.getpid() in {process for _, process in found}
    assert len({process for _, process in found}) == 2


def test_a_piece_that_fails_in_a_helper_ends_the_stage_with_its_error() -> None:
    tasks: list[parallel.Task] = [(fails_elsewhere, (os.getpid(),))] * 400
    with pytest.raises(ValueError, match="no such thing"):
        parallel.each(tasks, range(len(tasks)), 2, told)


def test_what_the_stage_itself_is_at_does_not_hold_up_the_error_of_a_helper() -> None:
    tasks: list[parallel.Task] = [(lasts_here, (os.getpid(),))] * 2
    with pytest.raises(ValueError, match="no such thing"):
        parallel.each(tasks, range(2), 2, told)


def test_a_helper_that_the_system_ends_is_told_as_that() -> None:
    tasks: list[parallel.Task] = [(killed_elsewhere, (os.getpid(),))] * 2
    with pytest.raises(BrokenProcessPool) as ended:
        parallel.each(tasks, range(2), 2, told)
    problem = refusal(ended.value)
    assert problem is not None
    assert isinstance(problem.found, Worded)
    assert problem.found.told("en") == "one of its processes was ended, as the system does when memory runs out"
    assert problem.found.told("zh") == "其一个进程被终止，通常因内存用尽"


def test_a_piece_that_fails_in_the_stage_ends_the_helpers() -> None:
    tasks: list[parallel.Task] = [(int, ("x",)), (time.sleep, (3600,))]
    with pytest.raises(ValueError, match="invalid literal"):
        parallel.each(tasks, [1, 0], 2, told)
    assert not active_children()

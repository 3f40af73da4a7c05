"""Steps side by side: what waits for what, who goes first, and whose words are whose."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from pipeline.core import compiled, lifeline, quick
from pipeline.running import side_by_side, steps, tagged

BEFORE = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "lone": [], "end": ["d", "lone"]}


def seconds(step: str) -> float:
    return 10.0 if step == "c" else 1.0


def test_each_step_begins_after_those_before_it_and_the_longest_way_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "slots", lambda: 1)
    done: list[str] = []
    assert side_by_side.all_done(BEFORE, lambda step: done.append(step) is None, seconds)
    assert done == ["a", "c", "b", "d", "lone", "end"]


def test_a_step_that_fails_holds_up_only_what_rests_on_it() -> None:
    done: list[str] = []
    assert not side_by_side.all_done(BEFORE, lambda step: done.append(step) is not None or step != "b", seconds)
    assert sorted(done) == ["a", "b", "c", "lone"]


def test_steps_that_wait_for_no_other_run_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "slots", lambda: 2)
    both = threading.Barrier(2, timeout=10)
    assert side_by_side.all_done({"a": [], "b": []}, lambda _: both.wait() >= 0, seconds)


def test_what_one_process_compiles_another_waits_for_and_compiles_the_rest_meanwhile(tmp_path: Path) -> None:
    order: list[str] = []
    made = {name: partial(order.append, name) for name in ("refits", "patterns")}
    with compiled.alone(tmp_path / "new" / "refits") as mine:
        assert mine
        other = threading.Thread(target=compiled.shared, args=(made, tmp_path / "new", 0.001))
        other.start()
        other.join(0.2)
        assert order == ["patterns"]
    other.join(10)
    assert order == ["patterns", "refits"]


def test_the_declared_steps_of_two_data_sets_meet_in_the_report_only() -> None:
    before = steps.before(["one", "two"])
    assert before["clean@one"] == {"acquire@one"}
    assert before["judge@two"] >= {"measure@two", "structure@two", "panel@two"}
    assert before["site"] >= {"page@one", "page@two"}
    assert not [step for step, needed in before.items() if step.endswith("one") and any("two" in n for n in needed)]


def test_a_line_that_a_step_prints_names_the_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(tagged.STEP, "clean@poll")
    monkeypatch.setenv(lifeline.VARIABLE, "1")
    with tagged.own_lines():
        print("two\nlines", end="")
    lines = capsys.readouterr().out.splitlines()
    assert [tagged.parted(line) for line in lines] == [("clean@poll", "two"), ("clean@poll", "lines")]
    monkeypatch.delenv(lifeline.VARIABLE)
    with tagged.own_lines():
        print("as it is")
    assert tagged.parted(capsys.readouterr().out) == ("", "as it is\n")


def test_a_quick_look_leaves_out_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(quick.VARIABLE, raising=False)
    assert quick.looked_at("invariance")
    monkeypatch.setenv(quick.VARIABLE, "1")
    assert [name for name in ("quality", "invariance", "sensitivity") if quick.looked_at(name)] == ["quality"]

"""What is edited while a step runs: the step does not pass for one that computed with it."""

from __future__ import annotations

import json
import logging
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from pipeline.core import record
from pipeline.core.declared import CHOICES
from pipeline.running import failures, repro
from pipeline.running.progress import Failure, Outcome
from tests.conftest import Project

pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")

# A step that adds two files and a parameter; when it runs for the first time, somebody edits as it has read them.
STEP = """
import json, pathlib, yaml
runs = pathlib.Path("runs")
params = yaml.safe_load(pathlib.Path("params.yaml").read_text())
total = sum(int(pathlib.Path(name).read_text()) for name in ("one", "many/two")) + params["block"]["draws"]
if not runs.exists():
    edit = json.loads(pathlib.Path("edit.json").read_text())
    for name, texts in edit.items():
        for text in texts:
            pathlib.Path(name).write_text(text)
runs.open("a").write("x")
pathlib.Path("total").write_text(str(total))
"""
ALPHA = "alpha: {{value: {}}}\n"
PARAMS = "block: {{draws: {}}}\nother: {}\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, list[str]]], bool]:
    """A run of a project of one step, which ends well or not."""
    monkeypatch.chdir(tmp_path)
    for name in ("dvc", "dvc_objects", "dvc_data"):
        monkeypatch.setattr(logging.getLogger(name), "handlers", [])
        monkeypatch.setattr(logging.getLogger(name), "propagate", False)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text("[core]\n    no_scm = true\n    analytics = false\n", encoding="utf-8")
    command = f"{shlex.quote(sys.executable)} step.py"
    step = {"cmd": command, "params": ["block", {CHOICES: ["alpha.value"]}], "deps": ["one", "many"], "outs": ["total"]}
    (tmp_path / "many").mkdir()
    (tmp_path / "models").mkdir()
    files = {
        "step.py": STEP,
        "one": "1",
        "many/two": "2",
        CHOICES: ALPHA.format(0.05),
        "params.yaml": PARAMS.format(500, 1),
        "dvc.yaml": yaml.safe_dump({"stages": {"add": step}}),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def once(edit: dict[str, list[str]]) -> bool:
        (tmp_path / "edit.json").write_text(json.dumps(edit), encoding="utf-8")
        return repro._reproduce(False, [], SimpleNamespace(asked=False)) == 0

    return once


def runs() -> int:
    return len(Path("runs").read_text(encoding="utf-8"))


EDITS = {
    "a file": ({"one": ["10"]}, "one", 512),
    "a file of a folder": ({"many/two": ["20"]}, "many/two", 521),
    "a new file of a folder": ({"many/three": ["3"]}, "many/three", 503),
    "a file and back again": ({"one": ["10", "1"]}, "one", 503),
    "a choice and back again": ({CHOICES: [ALPHA.format(0.01), ALPHA.format(0.05)]}, CHOICES, 503),
    "a parameter": ({"params.yaml": [PARAMS.format(50, 1)]}, "params.yaml, column block", 53),
}


@pytest.mark.parametrize("what", EDITS)
def test_a_step_during_which_something_it_rests_on_is_edited_runs_again(
    what: str, run: Callable[[dict[str, list[str]]], bool], capsys: pytest.CaptureFixture[str]
) -> None:
    edit, named, expected = EDITS[what]
    assert not run(edit)
    (problem,) = json.loads(capsys.readouterr().out.splitlines()[-1].lstrip(repro.MARK))["problems"]
    assert named in problem
    told = failures.told(Outcome(failures=[Failure("add", "", problem)]), [])
    assert "next:  stickiness run" in told, "there is nothing to mend"
    assert not Path("total").exists(), "nobody reads or publishes it"
    assert not Path("dvc.lock").exists()
    assert not list(Path(".dvc").glob("cache/runs/**/*"))
    assert run(edit)
    assert runs() == 2
    assert Path("total").read_text(encoding="utf-8") == str(expected)
    assert run(edit)
    assert runs() == 2, "and then it is unchanged"
    Path("params.yaml").write_text(PARAMS.format(500, 1), encoding="utf-8")
    Path("one").write_text("1", encoding="utf-8")
    Path("many/two").write_text("2", encoding="utf-8")
    Path("many/three").unlink(missing_ok=True)
    assert run(edit)
    assert Path("total").read_text(encoding="utf-8") == "503"


def test_an_edit_that_changes_no_value_of_the_step_costs_nothing(run: Callable[[dict[str, list[str]]], bool]) -> None:
    edit = {"params.yaml": [PARAMS.format(500, 2)]}
    assert run(edit)
    assert run(edit)
    assert runs() == 1
    Path("total").unlink()
    assert run(edit)
    assert runs() == 1, "from the cache"


def test_a_record_says_what_a_stage_was_given_when_it_began(project: Project) -> None:
    given = record.parameters("measure")
    with record.kept("demo", "measure"):
        text = Path("params.yaml").read_text(encoding="utf-8")
        Path("params.yaml").write_text(text.replace("bootstrap: 100", "bootstrap: 70"), encoding="utf-8")
    assert record.parameters("measure")["measure"] == {"bootstrap": 70}
    found = json.loads(Path("results/demo/measure.json").read_text(encoding="utf-8"))
    assert found["parameters"] == json.loads(json.dumps(given))

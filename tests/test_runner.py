"""However a run ends, nothing is lost, nothing stays behind, and the user reads our words."""

from __future__ import annotations

import argparse
import errno
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from pipeline import cli
from pipeline.core import paths
from pipeline.core.errors import InputError
from pipeline.running import durations, machine, progress, steps, unchanged
from pipeline.verbs import run, summary
from tests.conftest import Project, message
from tests.test_pipeline import EVENTS, archive, of_its_own, stickiness
from tests.test_pipeline import steps as finished

ANSWERS = "platform,A1,A2,B1,B2\n" + "".join(
    f"{'tmall' if n % 2 else 'notes'},{1 + n % 5},{1 + n * 3 % 5},{1 + n * 2 % 5},{1 + n // 7 % 5}\n" for n in range(60)
)
FOREIGN = ("Traceback", "hit us up", "Having any troubles", "dvc.org", "unexpected error")


def small(folder: Path) -> Path:
    """A survey and a log, from their files to clean tables."""
    project = archive(folder)
    project.log("shop", "user,when,kind,amount\n" + EVENTS)
    project.survey("poll", ANSWERS)
    project.parameters(data_sets=["shop", "poll"])
    stages = steps_of(folder)
    (folder / "dvc.yaml").write_text(
        yaml.safe_dump({"stages": {name: stages[name] for name in ("acquire", "clean")}}), encoding="utf-8"
    )
    return folder


def steps_of(folder: Path) -> dict:
    return yaml.safe_load((folder / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of the results by name, but what a step cost, which differs from run to run."""
    root = folder / "results"
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and root / "costs" not in path.parents]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", "run"],
        cwd=folder,
        env=of_its_own(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def found(run: subprocess.Popen[str], who: str) -> psutil.Process | None:
    """The run itself, the process of DVC below it, or a stage below that; None once the run has ended."""
    words = {"dvc": "pipeline.running.repro", "stage": "stage"}
    while run.poll() is None:
        if who == "run":
            return psutil.Process(run.pid)
        for child in psutil.Process(run.pid).children(recursive=True):
            try:
                if words[who] in child.cmdline():
                    return child
            except psutil.Error:
                continue
        time.sleep(0.02)
    return None


def disturbed(folder: Path, who: str, how: signal.Signals, after: float) -> None:
    """Start a run, send a signal to one of its processes, see that it ends with a word and leaves nobody behind."""
    run = started(folder)
    found(run, "dvc" if who == "run" else who)
    time.sleep(after)
    target = found(run, who)
    family = [] if run.poll() is not None else psutil.Process(run.pid).children(recursive=True)
    if target is not None:
        try:
            target.send_signal(how)
        except psutil.NoSuchProcess:
            target = None
    output, _ = run.communicate(timeout=120)
    assert not [word for word in FOREIGN if word in output], output
    _, left = psutil.wait_procs(family, timeout=20)
    assert not left, f"{left} outlive a run whose {who} got {how.name}"
    if target is not None and who == "run":
        assert run.returncode in (0, -how, 128 + how), output
        assert run.returncode <= 0 or "stopped; what is finished is kept" in output
    elif target is not None and who == "dvc":
        assert run.returncode == 0 or "kept" in output, output


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    folder = small(tmp_path_factory.mktemp("undisturbed"))
    done = stickiness(folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, tree(folder)


def test_a_run_with_nothing_to_do_needs_no_dvc_and_whatever_differs_does(
    undisturbed: tuple[Path, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = undisturbed
    monkeypatch.chdir(folder)
    names = ["shop", "poll"]
    ran = unchanged.steps_of_last_run(names)
    assert sorted(ran) == ["acquire@poll", "acquire@shop", "clean@poll", "clean@shop"]
    of_shop = [step for step in ran if step.endswith("@shop")]
    assert unchanged.steps_of_last_run(["shop"], alone=True) == of_shop
    quiet = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pipeline.cli", "run"], capture_output=True, text=True, check=True
    )
    assert quiet.stdout.count("unchanged") == len(ran)
    assert "dvc.repo" not in quiet.stderr
    card, output = Path("data/poll/card.yaml"), Path("results/poll/clean/survey.parquet")

    def differs() -> bool:
        return not unchanged.steps_of_last_run(names)

    card.touch()
    assert differs(), "a touched file is left to DVC"
    assert stickiness(folder, "run").stdout.count("unchanged") == len(ran)
    assert not differs(), "DVC found it to be the same"
    text, times = card.read_text(encoding="utf-8"), card.stat()
    card.write_text(text.replace("a title", "no title"), encoding="utf-8")
    os.utime(card, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert differs(), "an edited card"
    done = stickiness(folder, "run")
    assert finished(done.stdout, " s") == {"acquire@poll", "clean@poll"}, "and no step of another data set"
    assert finished(done.stdout, "unchanged") == {"acquire@shop", "clean@shop"}
    card.write_text(text, encoding="utf-8")
    unchanged.keep(unchanged.state(names, outputs=False), names, ran)
    assert not differs()
    unchanged.keep(unchanged.state(["shop"], outputs=False), ["shop"], of_shop)
    assert unchanged.steps_of_last_run(["shop"], alone=True) == of_shop
    assert not unchanged.steps_of_last_run(["poll"], alone=True)
    assert differs(), "of one data set, nothing is known of the other"
    unchanged.keep(unchanged.state(names, outputs=False), names, ran)
    assert not differs()
    output.unlink()
    assert differs(), "an output that is gone"
    unchanged.FILE.write_text("[", encoding="utf-8")
    assert differs(), "what cannot be read says nothing"


@pytest.mark.parametrize("kept", [False, True])
def test_a_run_of_one_data_set_is_remembered_once_the_report_has_it(
    kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    outcome = progress.Outcome(0, ["poll"], kept=kept, remember=lambda: done.append("remembered"))
    monkeypatch.setattr(progress, "reproduce", lambda *_, **__: outcome)
    monkeypatch.setattr(run.named, "checked", list)
    monkeypatch.setattr(run, "_enlist", lambda _: None)
    monkeypatch.setattr(run, "_report_of", lambda _: done.append("drawn"))
    monkeypatch.setattr(summary, "summary", lambda _: "")
    assert run.run(argparse.Namespace(data_set=["poll"], force=False, quick=False)) == 0
    assert done == ["drawn", "remembered"][kept:]


MOMENTS = [
    ("run", signal.SIGKILL, 2.0),
    ("dvc", signal.SIGKILL, 2.0),
    ("run", signal.SIGINT, 1.5),
    ("stage", signal.SIGKILL, 0.5),
]
WHOS, SIGNALS = ("run", "dvc", "stage"), (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CHANCE = random.Random(60)
MANY = [(who, how, CHANCE.uniform(0, 6)) for who, how, _ in itertools.product(WHOS, SIGNALS, range(7))][:60]


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param(MOMENTS[3:], id="one"),
        pytest.param(MOMENTS, marks=pytest.mark.slow, id="few"),
        pytest.param(MANY, marks=pytest.mark.slow, id="60"),
    ],
)
def test_killing_a_run_at_any_moment_loses_nothing(
    moments: list, tmp_path: Path, undisturbed: tuple[Path, dict[str, bytes]]
) -> None:
    """One kill after the other in the same folder; the run after them gives the bytes of an undisturbed one."""
    folder = small(tmp_path)
    for who, how, after in moments:
        disturbed(folder, who, how, after)
    done = stickiness(folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(folder) == undisturbed[1]


BROKEN_LISTS = {
    "cut off": lambda text: text[:300],
    "empty": lambda text: "",
    "merge conflict": lambda text: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> theirs\n",
}


@pytest.mark.parametrize("damage", BROKEN_LISTS)
def test_a_list_of_finished_steps_that_cannot_be_read_is_known_as_that(
    damage: str, undisturbed: tuple[Path, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dvc.repo import Repo

    from pipeline.running import dvc_words

    folder, _ = undisturbed
    monkeypatch.chdir(folder)
    lock = folder / "dvc.lock"
    whole = lock.read_text(encoding="utf-8")
    lock.write_text(BROKEN_LISTS[damage](whole), encoding="utf-8")
    try:
        with Repo() as repo, pytest.raises(Exception) as caught:  # noqa: PT011
            repo.index.graph  # noqa: B018
        assert dvc_words.broken_lock(caught.value)
    finally:
        lock.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize(
    "damage", ["cut off", *(pytest.param(one, marks=pytest.mark.slow) for one in ("empty", "merge conflict"))]
)
def test_what_a_killed_run_left_broken_or_in_the_way_costs_nothing(
    damage: str, undisturbed: tuple[Path, dict[str, bytes]]
) -> None:
    """DVC believes a process of the same number, however unlike it, to be the one that still reads and writes."""
    folder, before = undisturbed
    lock = folder / "dvc.lock"
    lock.write_text(BROKEN_LISTS[damage](lock.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "results/poll/clean/survey.parquet").unlink(missing_ok=True)
    mine = {"pid": os.getpid(), "cmd": "pipeline/running/repro.py"}
    waits = json.dumps({"write": {str(folder / "results/poll/raw"): mine}, "read": {}})
    (folder / ".dvc/tmp/rwlock").write_text(waits[:14] if damage == "cut off" else waits, encoding="utf-8")
    done = stickiness(folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dvc.lock could not be read and is now dvc.lock.broken" in done.stdout
    assert done.stdout.count("from the cache") == 4
    assert tree(folder) == before


def test_a_second_run_says_that_another_is_going_on(undisturbed: tuple[Path, dict[str, bytes]]) -> None:
    from dvc.lock import Lock

    folder, _ = undisturbed
    with Lock(str(folder / ".dvc/tmp/stickiness.lock")):
        done = stickiness(folder, "run")
    assert done.returncode == 1
    assert "another run is going on here" in done.stderr


def test_what_is_missing_or_broken_is_said_in_our_words(undisturbed: tuple[Path, dict[str, bytes]]) -> None:
    folder, _ = undisturbed
    declared = (folder / "dvc.yaml").read_text(encoding="utf-8")
    for name, content, expected in [
        ("dvc.yaml", None, "the file that declares the steps"),
        ("dvc.yaml", "stages: [", "no list of steps"),
        ("dvc.yaml", declared.replace("deps:", "dpes: []\n    deps:"), "dvc.yaml"),
        (".dvc/config", "[core\n", ".dvc/config"),
        (
            "models/measurement/answers/flags.py",
            None,
            "models/measurement/answers/flags.py\n      found:    no such file",
        ),
    ]:
        file = folder / name
        before = file.read_bytes()
        file.unlink() if content is None else file.write_text(content, encoding="utf-8")
        done = stickiness(folder, "run")
        file.write_bytes(before)
        assert done.returncode != 0, name
        assert expected in done.stderr, done.stdout + done.stderr
        assert "fix:" in done.stderr
        assert not [word for word in FOREIGN if word in done.stdout + done.stderr], done.stderr


@pytest.mark.slow
def test_one_data_set_that_fails_does_not_hold_up_the_other(undisturbed: tuple[Path, dict[str, bytes]]) -> None:
    folder, before = undisturbed
    table = folder / "data/shop/table.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text + "41,2024-01-01,buy,1\n", encoding="utf-8")
    done = stickiness(folder, "run", "--force")
    table.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "clean" in "".join(line for line in done.stdout.splitlines() if "poll" in line)
    assert "failed: 1 of 2 data sets" in done.stderr
    assert "shop, step acquire:" in done.stderr
    assert "the file was altered" in done.stderr
    assert "next:  mend it, then: stickiness check shop" in done.stderr
    alone = stickiness(folder, "run", "shop")
    assert alone.returncode == 0, alone.stderr
    assert "poll" not in alone.stdout
    assert tree(folder) == before


def test_a_file_too_large_for_the_disk_is_said(undisturbed: tuple[Path, dict[str, bytes]]) -> None:
    folder, _ = undisturbed
    before = tree(folder)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "stage", "acquire", "poll"],
        cwd=folder,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "a file would be larger than the system allows" in done.stderr
    assert tree(folder) == before, "the old output stays until the new one is whole"


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is read-only"), (errno.EACCES, "may not be read or")],
)
def test_what_the_machine_refuses_is_said_with_the_next_step(
    number: int, words: str, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), "results/report")

    monkeypatch.setattr(paths, "params", refused)
    assert cli.main(["check"]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "results/report" in said
    assert "stickiness run" in said
    quoted = machine.refusal(RuntimeError(f"IO Error: {os.strerror(errno.ENOSPC)}"))
    assert quoted is not None
    assert str(quoted.found) == "the disk is full"


def test_an_unexpected_error_is_one_line_unless_asked(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paths, "params", lambda: {}["seed"])
    monkeypatch.delenv(cli.DEBUG, raising=False)
    assert cli.main(["check"]) == 1
    assert "this is a defect of stickiness; run with --debug" in capsys.readouterr().err
    monkeypatch.setenv(cli.DEBUG, "1")
    with pytest.raises(KeyError):
        cli.main(["check"])


def test_a_stage_without_its_inputs_names_the_step_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive(tmp_path).parameters(data_sets=["corp_rep"])
    monkeypatch.chdir(tmp_path)
    for stage, before in [("clean", "acquire"), ("measure", "clean"), ("judge", "structure"), ("page", "judge")]:
        assert cli.main(["stage", stage, "corp_rep"]) == 2
        assert f"stickiness stage {before} corp_rep" in capsys.readouterr().err
    with pytest.raises(InputError) as excinfo:
        steps.require_inputs("site", ["corp_rep"])
    assert "results/pages/corp_rep" in message(excinfo)
    assert cli.main(["stage", "clean", "corp_rap"]) == 2
    assert "did you mean 'corp_rep'" in capsys.readouterr().err
    assert cli.main(["summary"]) == 0
    assert "Without results yet: corp_rep" in capsys.readouterr().out


def test_a_run_says_how_long_it_still_takes_from_what_its_steps_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert durations.expected("measure@poll") == durations.USUAL["measure"], "nothing known of an earlier run"
    cost = Path("results/costs/poll/measure.json")
    cost.parent.mkdir(parents=True)
    cost.write_text('{"seconds": 240.0}', encoding="utf-8")
    assert durations.expected("measure@poll") == 240
    monkeypatch.setattr(durations, "slots", lambda: 1)
    assert durations.left(["measure@poll"], {}) == "about 4 min left"
    assert durations.left([], {"measure@poll": 200}) == "about 40 s left"
    assert durations.left([], {"measure@poll": 500}) == "about 10 s left"
    cost.write_text('{"seconds"', encoding="utf-8")
    assert durations.expected("measure@poll") == durations.USUAL["measure"], "a file that a killed run left"

"""A quick look: few draws, nothing among the results of a full run, every page marked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core import paths, quick
from reports.front import page as front
from reports.texts import LANGUAGES, Texts
from tests.report_results import NOTHING
from tests.test_runner import small, tree


def test_draws_are_few_in_a_quick_look_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(quick.VARIABLE, raising=False)
    assert quick.most(5000) == 5000
    monkeypatch.setenv(quick.VARIABLE, "1")
    assert (quick.most(5000), quick.most(100)) == (200, 100)


def test_a_quick_look_runs_every_step_and_keeps_its_results_apart(tmp_path: Path) -> None:
    folder = small(tmp_path)
    shutil.copytree(folder / "data/poll", folder / "data/第二 波")
    card = folder / "data/第二 波/card.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("id: poll", "id: 第二 波"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "run", "第二 波", "--quick"],
        cwd=folder, env=os.environ, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing here is a result" in done.stdout
    assert {name.split("/")[0] for name in tree(folder)} == {"quick"}
    assert "quick/第二 波/clean/survey.parquet" in tree(folder)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_quick_look_says_so(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = Texts(language)
    assert texts("quick.banner") not in front.html([], NOTHING, texts)
    monkeypatch.setattr(paths, "QUICK", True)
    assert texts("quick.banner") in front.html([], NOTHING, texts)

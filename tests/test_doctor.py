"""The data editor's check finds one planted fault of each kind, and none in the tree itself."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from models.choices import choices
from models.remarks import remark
from pipeline.core.errors import InputError
from pipeline.examining import frozen, verb
from pipeline.examining.tree import Amiss, Tree
from tests.conftest import ROOT

PARTS = ("models", "pipeline", "reports", "data", "dvc.yaml", "params.yaml", "requirements.txt", "README.md")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own files, without git and without results."""
    root = tmp_path_factory.mktemp("tree")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            kept = shutil.ignore_patterns("__pycache__", *(() if name != "data" else ("*.csv", "*.sav", "*.parquet")))
            shutil.copytree(source, root / name, ignore=kept, copy_function=os.link)
        else:
            shutil.copy(source, root / name)
    return root


def plant(path: Path, text: str) -> None:
    """Add a file; the others are links to the project's own and stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def extend(path: Path, text: str) -> None:
    """Lengthen a file in a copy of its own."""
    before = path.read_text(encoding="utf-8")
    path.unlink()
    plant(path, before + text)


# In two parts, so that this file does not hold a path of one machine itself.
HOME = "/" + "home/jo/"
LONG = "x = [" + "1, " * 100 + "]\n"


def double(root: Path) -> None:
    plant(root / "models/one.py", LONG)
    plant(root / "models/two.py", LONG)


def small_cell(root: Path) -> None:
    row = {"table": "group_paths", "group": "plan: rare", "n": 3}
    plant(root / "published/a/results.csv", pd.DataFrame([row]).to_csv(index=False))


def personal_column(root: Path) -> None:
    folder = root / "results/a/clean"
    folder.mkdir(parents=True)
    pd.DataFrame({"contact": [f"person{i}@example.org" for i in range(30)]}).to_parquet(folder / "survey.parquet")


FAULTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "columns": ("tree_personal_column", personal_column),
    "published": ("tree_small_cell", small_cell),
    "mail": ("tree_personal_cell", lambda root: plant(root / "published/a/verdicts.csv", "note\nask jo@example.org\n")),
    "licences": ("tree_not_redistributable", lambda root: plant(root / "data/corp_rep/answers.csv", "a\n1\n")),
    "inputs": ("tree_undeclared", lambda root: cut(root / "dvc.yaml", "      - models/benchmark\n")),
    "environment": ("tree_version", lambda root: plant(root / "requirements.txt", "numpy==0.0.1\n")),
    "seeds": ("tree_unseeded", lambda root: plant(root / "models/luck.py", "x = np.random.default_rng()\n")),
    "exhibits": ("tree_no_program", lambda root: plant(root / "reports/by_hand.png", "picture\n")),
    "numbers": ("tree_number", lambda root: extend(root / "README.md", "\nThe path is .73912 for 9,871 users.\n")),
    "absolute": ("tree_absolute", lambda root: plant(root / "models/where.py", f'x = "{HOME}data.csv"\n')),
    "endings": ("tree_endings", lambda root: plant(root / "models/windows.py", "x = 1\r\n")),
    "empty": ("tree_empty", lambda root: plant(root / "models/nothing.py", "\n")),
    "double": ("tree_double", double),
    "stray": ("tree_stray", lambda root: plant(root / "models/.DS_Store", "left\n")),
}  # fmt: skip


def cut(path: Path, line: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert line in text
    path.unlink()
    plant(path, text.replace(line, ""))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_of_each_kind_is_found_and_named(fault: str, whole: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(whole, root, copy_function=os.link)
    key, planted = FAULTS[fault]
    planted(root)
    check = verb.checks()["published" if fault == "mail" else fault]
    found = list(check.find(Tree(root)))
    assert {one.said.key for one in found} == {key}
    assert all((root / one.file).exists() for one in found)


def test_numbers_are_read_as_written_and_years_and_dois_are_none(whole: Path, tmp_path: Path) -> None:
    from pipeline.examining import numbers

    root = tmp_path / "project"
    shutil.copytree(whole, root, copy_function=os.link)
    fine = "In 1997–1999 (doi:10.1007/978-3-030-80519-7, pp. 101–199, 0000-0002-1825-0097, v3.14.159).\n"
    fine += "344 people: `0.7391`.\n"
    plant(root / "README.md", fine)
    assert not list(numbers.unproduced(Tree(root)))
    plant(root / "README.md", fine + "It rose by 12.3461% from 10,007 to −0.39117.\n")
    found = [one.said.values["number"] for one in numbers.unproduced(Tree(root))]
    assert found == ["12.3461", "10,007", "−0.39117"]


def test_a_hypothesis_that_changed_after_it_was_frozen_is_named_with_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = frozen.freeze()
    assert not list(frozen.changed(Tree(tmp_path)))
    with pytest.raises(InputError, match="frozen on"):
        frozen.freeze()
    content = json.loads(path.read_text(encoding="utf-8"))
    content["hypotheses"]["H2"]["survey"]["sign"] = "-"
    content["choices"]["alpha"] = choices.alpha / 2
    path.write_text(json.dumps(content), encoding="utf-8")
    found = [(one.said.values["name"], one.said.values["parts"]) for one in frozen.changed(Tree(tmp_path))]
    assert found == [("choices.alpha", ["alpha"]), ("H2", ["survey"])]


def test_nothing_is_amiss_in_the_tree_itself() -> None:
    """Its inputs, which `tests/test_graph.py` holds to the imports, and columns of results apart."""
    tree = Tree(ROOT)
    asked = [check for name, check in verb.checks().items() if name not in ("columns", "inputs")]
    found = [one for check in asked for one in check.find(tree)]
    assert not found


@pytest.mark.parametrize(
    ("language", "told"), [("en", ("a.csv, row 3", "Next: ")), ("zh", ("a.csv，第 3 行", "下一步："))]
)
def test_what_is_amiss_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, told: tuple[str, str]
) -> None:
    monkeypatch.setenv("STICKINESS_LANG", language)
    one = Amiss("absolute", remark("tree_personal_cell", column="mail", kind="@"), "a.csv", 3)
    said = verb.screen(Tree(tmp_path), {name: [one] * (name == "absolute") for name in verb.checks()})
    assert all(part in said for part in told)
    assert language == "en" or not [line for line in said.splitlines() if " the " in line]

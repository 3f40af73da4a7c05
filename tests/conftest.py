"""A small project in a temporary folder: the schema, parameters and whatever data set a test writes into it."""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Before NumPy is loaded, for this process and all that it starts: one thread for linear algebra, as in every stage,
# since more only wait for each other; and modules compiled once for all processes, not by each of them for seconds.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["STICKINESS_LANG"] = "en"

import pytest
import yaml

from models.messages.yaml_text import parsed
from models.remarks import Remark, Stated, unpacked
from pipeline.core import compiled, garbage
from pipeline.core.errors import InputError

ROOT = Path(__file__).parents[1]
SAID = Stated.remark


def _said(error: Stated) -> Remark:
    """What an error of the data says on a page: a model that puts an English text there fails in every test."""
    reader = str(sys._getframe(1).f_globals["__name__"])
    text = not isinstance(error.args[0], Remark) and reader.startswith("models.")
    assert not text, f"{reader} puts on a page, in English whatever its language: {error}"
    return SAID.__get__(error)


Stated.remark = property(_said)  # type: ignore[assignment,method-assign]


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def pytest_sessionstart() -> None:
    """Side by side, each process would compile the same kernels and modules: kernels first, while `gw0` collects."""
    if WORKER not in ("", "gw0"):
        _compile()


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: garbage is not looked for among them again and again."""
    if WORKER == "gw0":
        _compile()
    gc.collect()
    gc.freeze()
    gc.set_threshold(garbage.SELDOM, 50, 50)


def _compile() -> None:
    """Kernels of the engine, each by one process."""
    from models.sem.extensions.compile_ahead import KERNELS

    compiled.shared(KERNELS, ROOT / ".pytest_cache/compiling")


def written(content: object) -> str:
    """YAML by the writer in C, which hundreds of tests wait for."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(content, Dumper=dumper, allow_unicode=True, sort_keys=False)


class Project:
    """Writes cards and source files as a user would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "data").mkdir()
        shutil.copy(ROOT / "data/card.schema.json", folder / "data/card.schema.json")
        shutil.copy(ROOT / "dvc.yaml", folder / "dvc.yaml")
        self.parameters(data_sets=[])

    def parameters(self, **changed: object) -> None:
        """Those of the project with fewer draws: enough for every decision that a test asks about."""
        values = parsed((ROOT / "params.yaml").read_text(encoding="utf-8"))
        values |= {"mirror": "mirror", **changed}
        values["structure"] |= {"bootstrap": 200, "permutations": 200}
        values["measure"]["bootstrap"] = 100
        (self.folder / "params.yaml").write_text(written(values), encoding="utf-8")

    def quick(self) -> None:
        """Few resamples, where a test asks whether there is a result and not how exact it is."""
        values = parsed((self.folder / "params.yaml").read_text(encoding="utf-8"))
        values["structure"] |= {"bootstrap": 20, "permutations": 50}
        values["measure"]["bootstrap"] = 20
        (self.folder / "params.yaml").write_text(written(values), encoding="utf-8")

    def card(self, name: str, text: dict) -> Path:
        path = self.folder / "data" / name / "card.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(text), encoding="utf-8")
        return Path("data") / name / "card.yaml"

    def survey(self, name: str, table: str, **changed: object) -> Path:
        """A survey of two constructs with the given CSV text as its answers."""
        return self._with_file(name, table, survey_card(name) | changed)

    def log(self, name: str, table: str, **panel: object) -> Path:
        """An event log with the given CSV text."""
        card = log_card(name)
        card["panel"] |= panel
        return self._with_file(name, table, card)

    def logs(self, name: str, others: dict[str, str], table: str, **panel: object) -> Path:
        """An event log beside further tables of CSV text."""
        card = log_card(name)
        card["panel"] |= panel
        (self.folder / "data" / name).mkdir(exist_ok=True)
        for other, rows in others.items():
            (self.folder / "data" / name / f"{other}.csv").write_text(rows, encoding="utf-8")
            digest = hashlib.sha256(rows.encode()).hexdigest()
            card["source"]["files"][other] = {"path": f"{other}.csv", "sha256": digest}
        return self._with_file(name, table, card)

    def _with_file(self, name: str, table: str, card: dict) -> Path:
        folder = self.folder / "data" / name
        folder.mkdir(exist_ok=True)
        (folder / "table.csv").write_text(table, encoding="utf-8")
        card["source"]["files"]["table"]["sha256"] = hashlib.sha256(table.encode()).hexdigest()
        return self.card(name, card)


def zero(*_: object) -> int:
    """A seed for whatever is drawn."""
    return 0


def text(english: str) -> dict[str, str]:
    return {"en": english, "zh": english}


def in_chinese(node: Any) -> Any:
    """A card whose every text stands in Chinese alone."""
    if isinstance(node, dict):
        return {"zh": node["zh"]} if set(node) == {"en", "zh"} else {key: in_chinese(one) for key, one in node.items()}
    return [in_chinese(one) for one in node] if isinstance(node, list) else node


def words(cell: str) -> str:
    """Packed remarks in English."""
    return "; ".join(str(one) for one in unpacked(cell))


@contextmanager
def unworded() -> Iterator[None]:
    """Whoever words a remark in here fails: what is estimated rests on keys and values, not on the catalogue."""

    def nobody() -> dict[str, dict[str, str]]:
        raise AssertionError("a remark is worded where nobody reads")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("models.remarks.said.catalogue", nobody)
        yield


def base_card(name: str) -> dict:
    return {
        "id": name,
        "title": text("a title"),
        "row": text("one row"),
        "simulated": False,
        "source": {
            "kind": "file",
            "official": "the official archive",
            "licence": "none",
            "citation": "nobody",
            "files": {"table": {"path": "table.csv", "sha256": "0" * 64}},
        },
    }


def survey_card(name: str) -> dict:
    items = [("A1", "value_functional"), ("A2", "value_functional"), ("B1", "identification"), ("B2", "identification")]
    return base_card(name) | {
        "survey": {
            "table": "table",
            "missing_codes": [-99],
            "items": [{"column": c, "construct": k, "range": [1, 5], "label": text(c)} for c, k in items],
            "groups": {
                "platform_type": {"column": "platform", "levels": {"tmall": "comprehensive", "notes": "content"}}
            },
        }
    }


def log_card(name: str) -> dict:
    return base_card(name) | {
        "panel": {
            "table": "table",
            "rows_are": "events",
            "entity": "user",
            "time": {"column": "when", "format": "%Y-%m-%d"},
            "period": "month",
            "measures": {
                "stickiness": {"label": text("visits"), "agg": "count"},
                "loyalty": {"label": text("spending"), "agg": "sum", "column": "amount", "where": {"kind": "buy"}},
            },
        }
    }


def working_in(folder: Path, patched: pytest.MonkeyPatch) -> Project:
    """An empty project as the working directory."""
    patched.chdir(folder)
    patched.delenv("STICKINESS_MIRROR", raising=False)
    return Project(folder)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project as the working directory."""
    return working_in(tmp_path, monkeypatch)


def message(excinfo: pytest.ExceptionInfo[InputError]) -> str:
    return str(excinfo.value)


def stage_error(name: str, *stages) -> str:
    """The message of the last of the stages; the others succeed."""
    *earlier, failing = stages
    for stage in earlier:
        stage.run(name)
    with pytest.raises(InputError) as excinfo:
        failing.run(name)
    return message(excinfo)


LONGEST = (
    "test_pipeline.py",
    "test_runner.py",
    "test_declarations.py",
    "test_report_pages.py",
    "test_ways.py",
    "test_answers.py",
    "test_main_analysis.py",
    "test_new.py",
    "test_panel_checks_by_estimator.py",
    "test_sem_parity.py",
    "test_doors.py",
    "test_false_positives.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, so that no core is idle at the end."""
    names = [f"test_{name}.py" for name in LONGEST]
    items.sort(key=lambda item: names.index(item.path.name) if item.path.name in names else len(names))

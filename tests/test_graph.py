"""A stage runs again when anything has changed that can change what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.messages.yaml_text import parsed
from models.remarks import keys
from models.specs import check
from pipeline import graph
from pipeline.core.errors import InputError
from tests.conftest import ROOT, message

STAGES = parsed((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def covered(path: str, dependencies: list[str]) -> bool:
    return any(path == dependency or path.startswith(f"{dependency}/") for dependency in dependencies)


@pytest.mark.parametrize("stage", STAGES)
def test_every_file_that_a_stage_can_import_is_a_dependency_of_it(stage: str) -> None:
    declared = STAGES[stage]["deps"]
    files = [path.relative_to(ROOT).as_posix() for path in graph.closure(f"pipeline.stages.{stage}", ROOT)]
    lacking = [path for path in sorted(files) if not covered(path, declared)]
    assert not lacking, f"{stage} imports {lacking}; run: python -m pipeline.graph"
    assert covered("requirements.txt", declared)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_again_when_a_specification_is_added(stage: str) -> None:
    """Of a folder of which every file is read, the folder is the dependency: files named singly leave a new one out."""
    declared = STAGES[stage]["deps"]
    if covered("models/specs/build.py", declared):
        assert [folder for folder in check.FOLDERS if not covered(f"{folder}/mine.lav", declared)] == []


def test_the_dependencies_are_those_that_the_program_writes() -> None:
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    assert graph.written(text, ROOT) == text, "run: python -m pipeline.graph"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_lazy_imports_packages_and_what_a_package_offers_are_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pipeline/__init__.py": "",
            "pipeline/stages/__init__.py": "",
            "pipeline/stages/one.py": "def run():\n    from models.sem import fit\n    from models import theory\n",
            "models/__init__.py": "",
            "models/sem/__init__.py": "",
            "models/sem/__init__.pyi": "from .api import fit as fit\nfrom .other import more as more\n",
            "models/sem/api.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import models.sem.types\n",
            "models/sem/other.py": "",
            "models/sem/types.py": "",
            "models/theory/__init__.py": "import models.theory.rules\n",
            "models/theory/rules.py": "",
            "models/theory/claims.yaml": "",
        },
    )
    found = {path.relative_to(tmp_path).as_posix() for path in graph.closure("pipeline.stages.one", tmp_path)}
    assert {"models/sem/api.py", "models/theory/rules.py", "models/theory/claims.yaml", "models/__init__.py"} <= found
    assert not {"models/sem/other.py", "models/sem/types.py"} & found


def test_a_package_asked_for_as_a_whole_brings_all_that_it_offers(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pipeline/stages/__init__.py": "",
            "pipeline/stages/one.py": "from models import sem\n",
            "models/sem/__init__.py": "",
            "models/sem/__init__.pyi": "from .api import fit as fit\n",
            "models/sem/api.py": "",
        },
    )
    assert tmp_path / "models/sem/api.py" in graph.closure("pipeline.stages.one", tmp_path)


def test_a_package_loads_only_what_a_module_asks_it_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pipeline/stages/__init__.py": "",
            "pipeline/stages/one.py": "from models import sem\n\ndef run():\n    return sem.fit, sem.errors.Error\n",
            "models/sem/__init__.py": "",
            "models/sem/__init__.pyi": "from .api import fit as fit\nfrom .other import more as more\n",
            **{f"models/sem/{name}.py": "" for name in ("api", "other", "errors")},
        },
    )
    found = {path.name for path in graph.closure("pipeline.stages.one", tmp_path)}
    assert {"api.py", "errors.py"} <= found
    assert "other.py" not in found


def test_a_stage_rests_on_the_choices_that_its_modules_read(tmp_path: Path) -> None:
    """A choice that a module reads and its stage does not declare is found; words about choices rest on the file."""
    reads = "from models.choices import choices\n\ndef few(n):\n    return n < choices.{}\n"
    write(
        tmp_path,
        {
            "pipeline/stages/__init__.py": "",
            "pipeline/stages/one.py": "def run():\n    import models.clusters\n",
            "pipeline/stages/two.py": "import models.clusters\nfrom models.choices import declared\n",
            "models/__init__.py": "",
            "models/choices.py": "",
            "models/choices.yaml": "",
            "models/clusters.py": reads.format("few_clusters"),
            "models/elsewhere.py": reads.format("alpha"),
        },
    )
    assert graph.chosen("one", tmp_path) == ["few_clusters"]
    assert graph.chosen("two", tmp_path) is None
    assert "models/choices.yaml" not in graph.dependencies("one", tmp_path)
    assert "models/choices.yaml" in graph.dependencies("two", tmp_path)
    text = "stages:\n  one:\n    cmd: run\n    deps:\n      - results/raw\n"
    first = graph.written(text, tmp_path)
    assert (
        "    params:\n      - models/choices.yaml:\n          - few_clusters.value\n    deps:\n      - results/raw"
        in first
    )
    assert graph.written(first, tmp_path) == first


PLANTED = {
    "pipeline/stages/__init__.py": "",
    "models/__init__.py": "",
    "models/choices.py": "",
    "models/choices.yaml": "",
    "models/clusters.py": "from models.choices import choices\n\nfew = choices.few_clusters\n",
    "models/sem/__init__.py": "",
    "models/sem/fit.py": "",
}
TAKEN = "from models.choices import choices\n"


@pytest.mark.parametrize(
    "line",
    [
        "from models.choices import choices as chosen",
        "from models import choices",
        "import models.choices",
        "from models.clusters import choices",
        f"{TAKEN}read = choices",
        f'{TAKEN}read = getattr(choices, "alpha")',
        f"{TAKEN}read = choices.__dict__",
        "from models import clusters\nread = clusters.choices.alpha",
        "from . import other",
        "from .other import more",
        "from models.sem import *",
        "import models\nread = models.sem.fit",
        "import models.sem\nread = models.clusters.few",
        'import importlib\nread = importlib.import_module("models.sem.fit")',
        'from importlib.resources import files\nread = files("models.benchmark").joinpath("truth.yaml").read_text()',
        'from importlib import import_module as load\nread = load(f"models.{few}")',
        "import importlib\nread = map(importlib.import_module, few)",
        'read = __import__("models.sem.fit")',
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_file_and_line(line: str, tmp_path: Path) -> None:
    inner = "".join(f"    {part}\n" for part in line.splitlines())
    write(tmp_path, {**PLANTED, "pipeline/stages/one.py": f"few = 1\ndef run():\n{inner}"})
    with pytest.raises(InputError) as caught:
        graph.chosen("one", tmp_path)
    (problem,) = caught.value.problems
    assert problem.file.endswith("pipeline/stages/one.py")
    assert problem.row == 3 + line.count("\n")
    assert "choices.<name>" in message(caught)


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("import models.sem.fit as f", "models/sem/fit.py"),
        ("import models.sem\nread = models.sem.fit", "models/sem/fit.py"),
        ("from models import sem\nread = sem.fit.estimate", "models/sem/fit.py"),
        ("import models\nread = models.__file__", "models/__init__.py"),
        ('import importlib\nread = importlib.import_module("numpy")', "pipeline/stages/one.py"),
        ("from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import models.sem.fit", "models/sem/fit.py"),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import models.sem.fit", "models/sem/fit.py"),
    ],
)
def test_what_can_be_followed_is(line: str, file: str, tmp_path: Path) -> None:
    write(tmp_path, {**PLANTED, "pipeline/stages/one.py": f"{line}\n"})
    assert tmp_path / file in graph.closure("pipeline.stages.one", tmp_path)


def test_choices_by_names_that_stand_elsewhere_are_the_whole_file_but_for_the_record_of_a_stage(tmp_path: Path) -> None:
    asks = "from models.choices import named\n"
    write(
        tmp_path,
        {**PLANTED, "pipeline/core/record.py": asks, "pipeline/stages/one.py": "import pipeline.core.record\n"},
    )
    write(tmp_path, {"pipeline/stages/two.py": asks})
    assert graph.chosen("one", tmp_path) == []
    assert graph.chosen("two", tmp_path) is None


def test_a_changed_wording_of_a_remark_repeats_the_pages_alone() -> None:
    resting = {stage: (ROOT / "models/remarks/catalogue/panel.yaml") in graph._read(stage, ROOT) for stage in STAGES}
    assert {stage for stage, reads in resting.items() if reads} == {"page", "site"}
    for stage, entry in STAGES.items():
        assert covered("models/remarks/catalogue/panel.yaml", entry["deps"]) == resting[stage], stage
        assert covered(graph.KEYS, entry["deps"]), stage


def test_what_remarks_can_say_is_what_their_words_leave_room_for() -> None:
    assert (ROOT / graph.KEYS).read_text(encoding="utf-8") == keys.written(), "run: python -m pipeline.graph"

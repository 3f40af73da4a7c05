"""A stage runs again when anything has changed that can change what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.messages.yaml_text import parsed
from models.remarks import keys
from pipeline import graph
from tests.conftest import ROOT

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


def test_a_changed_wording_of_a_remark_repeats_the_pages_alone() -> None:
    resting = {stage: (ROOT / "models/remarks/catalogue/panel.yaml") in graph._read(stage, ROOT) for stage in STAGES}
    assert {stage for stage, reads in resting.items() if reads} == {"page", "site"}
    for stage, entry in STAGES.items():
        assert covered("models/remarks/catalogue/panel.yaml", entry["deps"]) == resting[stage], stage
        assert covered(graph.KEYS, entry["deps"]), stage


def test_what_remarks_can_say_is_what_their_words_leave_room_for() -> None:
    assert (ROOT / graph.KEYS).read_text(encoding="utf-8") == keys.written(), "run: python -m pipeline.graph"

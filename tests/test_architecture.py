"""The table in ARCHITECTURE.md is true: who imports whom, and who touches files."""

from __future__ import annotations

import ast
import graphlib
import re
from functools import cache
from pathlib import Path

import pytest

from pipeline import followed, graph
from tests.conftest import ROOT

ROOMS = [
    *("theory", "specs", "statistics", "messages", "remarks", "results", "disclosure", "sem", "measurement", "panel"),
    *("benchmark", "synthesis", "across", "analysis", "survey", "behaviour", "evidence"),
]
# Within a room, a folder (or file) may import those before it, not even for the eyes of a type checker those after it.
FLOORS = {
    "models/sem": [
        *("language", "samples", "model", "objective", "solving", "inference", "kernels", "resampling", "cutoffs"),
        *("summary", "result", "comparison", "api", "extensions"),
    ],
    "models/panel": ["language", "engine", "streaming", "estimators", "checks"],
    "models/measurement": ["scales", "answers", "comparability"],
    "pipeline": [
        "wording",
        "core",
        "cards",
        "reading",
        "cleaning",
        "drafting",
        "examining",
        "running",
        "stages",
        "verifying",
        "depositing",
        "verbs",
    ],
}
SOURCES = ("models", "pipeline", "reports", "stickiness")
TABLE = re.compile(r"^\| `(models/\w+)/` \|.*\| ([^|]+) \|$", flags=re.M)


def allowed() -> dict[str, set[str]]:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return {room.removeprefix("models/"): set(re.findall(r"`(\w+)`", imports)) for room, imports in TABLE.findall(page)}


@cache
def imports(path: Path) -> frozenset[str]:
    """What a module imports, in functions and for the eyes of a type checker too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} says from where it stands what it imports"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


@cache
def imported(path: Path, source: str) -> frozenset[Path]:
    """The modules that a module imports; of a package that loads lazily, those of the names that it is asked for."""
    nodes = list(ast.walk(ast.parse(source)))
    found, said = set[str](), followed.mentions(nodes)
    for node in nodes:
        names = node.names if isinstance(node, ast.Import | ast.ImportFrom) else []
        package = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        offered = graph._offered(package[:-1], ROOT) if package else {}
        for alias in names:
            name = f"{package}{alias.name}"
            found |= {offered.get(alias.name, name)} | graph._asked(alias.asname or alias.name, name, said, ROOT)
    files = (list(graph._files(name, ROOT)) for name in found if name.split(".")[0] in SOURCES)
    return frozenset(inside[-1] for inside in files if inside) - {path}


def circle(planted: str = "", line: str = "") -> list[str]:
    """Modules that import each other in a circle, one of them with a further line; none where there is no circle."""
    sources = {path: path.read_text(encoding="utf-8") for room in SOURCES for path in modules(room)}
    if planted:
        sources[ROOT / planted] += f"\n{line}\n"
    every = {path: imported(path, source) for path, source in sources.items()}
    try:
        graphlib.TopologicalSorter(every).prepare()
    except graphlib.CycleError as error:
        return [path.relative_to(ROOT).as_posix() for path in error.args[1]]
    return []


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_page_names_every_room_of_models() -> None:
    rooms = {p.parent.name for p in (ROOT / "models").glob("*/__init__.py")}
    assert rooms == set(allowed()) == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_the_page_allows(room: str) -> None:
    permitted = allowed()[room] | {room}
    for path in modules(f"models/{room}"):
        used = {name.split(".")[1] for name in imports(path) if name.startswith("models.")} & set(ROOMS)
        assert used <= permitted, f"{path.relative_to(ROOT)} imports {used - permitted}"


@pytest.mark.parametrize("room", FLOORS)
def test_a_folder_imports_only_those_before_it(room: str) -> None:
    floors, package = FLOORS[room], room.replace("/", ".")
    for floor, folder in enumerate(floors):
        above = tuple(f"{package}.{later}" for later in floors[floor + 1 :])
        single = ROOT / room / f"{folder}.py"
        for path in [single] if single.exists() else modules(f"{room}/{folder}"):
            up = {n for n in imports(path) if n in above or n.startswith(tuple(f"{a}." for a in above))}
            assert not up, f"{path.relative_to(ROOT)} imports {up}"


@pytest.mark.parametrize(
    ("stages", "other"), [(("measure", "structure"), "models/behaviour"), (("panel",), "models/survey")]
)
def test_no_stage_rests_on_the_other_half_of_the_theory(stages: tuple[str, ...], other: str) -> None:
    for stage in stages:
        assert not [path for path in graph.dependencies(stage, ROOT) if path.startswith(other)]


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle() == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("pipeline/core/errors.py", "def far() -> None:\n    from reports.texts import LANGUAGES"),
        ("models/sem/language/tokens.py", "from models import sem\nsem.fit"),
    ],
)
def test_a_planted_circle_is_found(path: str, line: str) -> None:
    """In a function, and by the name that a package offers."""
    assert path in circle(path, line)


def test_what_reports_read_knows_nothing_of_reports() -> None:
    for room in ("wording", "core", "cards", "reading", "cleaning", "drafting", "running"):
        for path in modules(f"pipeline/{room}"):
            assert not [name for name in imports(path) if name.split(".")[0] == "reports"], path


def test_no_module_is_hidden_by_a_name_that_its_package_offers() -> None:
    for room in ("models", "pipeline", "reports", "stickiness"):
        for offer in (ROOT / room).rglob("__init__.py*"):
            if offer.suffix not in (".py", ".pyi"):
                continue
            nodes = [n for n in ast.parse(offer.read_text(encoding="utf-8")).body if isinstance(n, ast.ImportFrom)]
            offered = {alias.asname or alias.name for node in nodes for alias in node.names}
            places = {name: offer.parent / name for name in offered}
            hidden = {n for n, at in places.items() if at.with_suffix(".py").exists() or (at / "__init__.py").exists()}
            assert not hidden, f"{offer}: {hidden}"


def test_choices_lie_below_every_room() -> None:
    used = {name for name in imports(ROOT / "models/choices.py") if name.startswith(("models", "pipeline", "reports"))}
    assert all(name.startswith(("models.messages", "models.remarks")) for name in used), used


def test_models_knows_nothing_of_pipeline_and_reports() -> None:
    for path in modules("models"):
        assert not [name for name in imports(path) if name.split(".")[0] in ("pipeline", "reports")], path


def test_models_opens_no_data_and_prints_nothing() -> None:
    forbidden = {"open", "print", "read_csv", "read_parquet", "to_csv", "to_parquet", "write_text", "write_bytes"}
    for path in modules("models"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if any(word in source for word in forbidden) else ():
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert name not in forbidden, f"{path.relative_to(ROOT)}:{node.lineno} calls {name}"


def test_reports_estimates_nothing() -> None:
    """Of the science it knows the words of the theory and of terms; of the pipeline how to read cards and results."""
    readers = (
        "models.theory",
        "models.specs",
        "models.remarks",
        "models.results",
        "models.messages",
        "models.panel.language",
        "models.choices",
        "pipeline.cards.card",
        "pipeline.cards.languages",
        "pipeline.core.ledger",
        "pipeline.cards.parts",
        "pipeline.core.results",
        "pipeline.core.paths",
        "pipeline.core.blocks",
        "pipeline.core.record",
        "pipeline.core.errors",
        "pipeline.core.standing",
        "pipeline.wording.texts",
    )
    for path in modules("reports"):
        used = {n for n in imports(path) if n.startswith(("models.", "pipeline."))}
        used -= {"pipeline.core", "pipeline.cards"}
        assert all(name.startswith(readers) for name in used), f"{path} imports {used}"


def test_a_stage_reads_the_parameters_that_it_is_handed_and_no_others() -> None:
    """Only a stage asks for parameters, for its own; what it calls is handed what it needs."""
    for path in [p for room in ("cards", "reading", "cleaning", "stages") for p in modules(f"pipeline/{room}")]:
        source = path.read_text(encoding="utf-8")
        assert "paths.params" not in source, path
        assert "params.load" not in source, path
        asked = {path.stem} if path.parent.name == "stages" else set()
        assert set(re.findall(r"handed\.to\(([^)]*)\)", source)) <= {f'"{name}"' for name in asked}, path
    for path in modules("reports"):
        assert not {"pipeline.core.params", "pipeline.core.handed"} & imports(path), path


def test_stages_on_the_page_are_the_stages_of_dvc() -> None:
    import yaml

    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    listed = re.findall(r"^\| (\w+) \| ", page.split("## The stages")[1], flags=re.M)
    assert [name for name in listed if name != "stage"] == list(stages)


def words_of_names(path: Path, source: str) -> set[str]:
    """What the names in a module, or the keys in a declaration, are made of; plurals as singulars."""
    if path.suffix == ".py":
        fields = [getattr(node, f, None) for node in ast.walk(ast.parse(source)) for f in ("id", "name", "attr", "arg")]
        named = [path.stem, *(field for field in fields if isinstance(field, str))]
    else:
        named = re.findall(r"(\w+)(?=:)", source)
    return {word.lower().removesuffix("s") for name in named for word in re.findall(r"[A-Z]?[a-z]+", name)}


@pytest.mark.parametrize(
    ("word", "elsewhere"),
    [
        ("problem", ("models", "reports")),
        ("measure", ("models/sem", "models/statistics", "models/evidence")),
        ("treatment", ("models/sem", "models/measurement", "models/survey", "models/synthesis", "models/results")),
    ],
)
def test_a_word_does_not_mean_something_else_elsewhere(word: str, elsewhere: tuple[str, ...]) -> None:
    for room in elsewhere:
        for path in [*modules(room), *(ROOT / room).rglob("*.yaml")]:
            source = path.read_text(encoding="utf-8")
            assert word not in source.lower() or word not in words_of_names(path, source), path.relative_to(ROOT)


def test_a_table_that_is_printed_is_the_only_one_of_that_name() -> None:
    sources = {
        path: path.read_text(encoding="utf-8") for room in ("models", "pipeline", "reports") for path in modules(room)
    }
    assert [path.name for path, text in sources.items() if re.search(r"^class Table\b", text, flags=re.M)] == [
        "exhibits.py"
    ]

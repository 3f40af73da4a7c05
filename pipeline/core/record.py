"""What a stage computed with: versions, seeds, parameters and choices in its record; time and memory apart from it.

The record is a result, the same in every run; what a run costs differs each time and goes to `results/costs`, which
pages read when they are opened, so that they are the same in every run too.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import cache
from importlib.metadata import Distribution, distributions, version
from pathlib import Path
from typing import Any

from models.choices import named
from pipeline.core import declared, handed, paths
from pipeline.core.seeds import Seeds


@dataclass
class Noted:
    """What a record cannot know by itself.

    Attributes
    ----------
    elsewhere
        Modules that further processes have loaded (`modules`).
    used
        Place in `params.yaml` → what was used in its stead, because the card or a quick look says so.
    """

    elsewhere: set[str] = field(default_factory=set)
    used: dict[str, Any] = field(default_factory=dict)

    def instead(self, place: str, usual: int, value: int) -> int:
        """Take note of a value where it is not the usual one."""
        if value != usual:
            self.used[place] = value
        return value


@contextmanager
def kept(data_set: str, stage: str, seeds: Seeds | None = None) -> Iterator[Noted]:
    """Write the record of a stage when the block ends without an error, with what the stage was given when it began.

    Parameters
    ----------
    seeds
        Those that the stage draws from; none where nothing is drawn.

    Yields
    ------
    What the stage adds to its record.
    """
    noted = Noted()
    given = began_with([stage])
    with costed(stage, data_set):
        yield noted
    _write(paths.of(data_set, f"{stage}.json"), {"stage": stage, **given, **computed_with(noted, seeds)})


def began_with(stages: Iterable[str], also: Iterable[str] = ()) -> dict[str, Any]:
    """The parameters and choices that stages are given, with further choices by their names."""
    blocks: dict[str, Any] = {}
    names = [*also]
    for stage in stages:
        blocks |= parameters(stage)
        names += declared.choices(stage)
    return {"parameters": blocks, "choices": named(sorted(set(names)))}


def computed_with(noted: Noted, seeds: Seeds | None) -> dict[str, Any]:
    """What was used, the seeds that were drawn from, and the versions of what was loaded."""
    drawn = sorted(seeds.given.items()) if seeds else []
    return {
        "used": noted.used,
        "seed": seeds.start if seeds else None,
        "seeds": [{"of": list(names), "seed": seed} for names, seed in drawn],
        "versions": versions(modules() | noted.elsewhere),
    }


@contextmanager
def costed(stage: str, data_set: str = "") -> Iterator[None]:
    """Write down what a stage cost when the block ends without an error."""
    began = time.monotonic()
    yield
    cost = {"seconds": round(time.monotonic() - began, 3), "peak_memory_mb": _peak()}
    folder = paths.RESULTS / "costs" / data_set
    _write(folder / f"{stage}.json", cost)
    # A page that is opened as a file may load a script, but no JSON.
    with paths.whole(folder / f"{stage}.js") as draft:
        draft.write_text(f"(window.costs ??= {{}}).{stage} = {json.dumps(cost)};\n", encoding="utf-8")


def parameters(stage: str) -> dict[str, Any]:
    """The blocks of params.yaml that a stage is handed, as they stand there."""
    blocks = handed.to(stage).items()
    return {name: asdict(block) for name, block in blocks if is_dataclass(block) and not isinstance(block, type)}


def modules() -> set[str]:
    """Top-level modules that this process has loaded."""
    return {name.partition(".")[0] for name in list(sys.modules)}


def versions(loaded: Iterable[str]) -> dict[str, str]:
    """Versions of Python, of this project, and of the installed packages to which modules belong."""
    loaded = set(loaded)
    packages = dict(_named(package) for package, modules in _owned() if not loaded.isdisjoint(modules))
    found = {name: packages[name] for name in sorted(packages, key=str.lower)}
    return {"Python": platform.python_version(), "stickiness": _version("stickiness")} | found


def recorded() -> list[str]:
    """The stages that write a record, in the order of `dvc.yaml`."""
    found = declared.stages()
    return [stage for stage in found if f"results/{declared.SET}/{stage}.json" in declared.outputs(found[stage])]


def output(data_set: str, stage: str) -> str:
    """Where a stage writes its result: the first of its outputs, in `dvc.yaml`."""
    return next(declared.outputs(declared.stages()[stage])).replace(declared.SET, data_set)


@cache
def _version(package: str) -> str:
    """Read once: a process may record several stages, and each answer is a search of all installed packages."""
    return version(package)


@cache
def _owned() -> list[tuple[Distribution, set[str]]]:
    """Installed packages and their top-level modules, from their lists of files.

    `importlib.metadata.packages_distributions` makes an object of each file, which takes every stage ten times as long.
    """
    return [(package, _modules(package)) for package in distributions()]


@cache
def _named(package: Distribution) -> tuple[str, str]:
    """Name and version, for which `importlib.metadata` reads the whole description of the package anew each time."""
    metadata = package.metadata
    return metadata["Name"], metadata["Version"]


def _modules(package: Distribution) -> set[str]:
    """Top-level modules that a package names, or else has in its list of files, a CSV (PEP 376)."""
    if named := package.read_text("top_level.txt"):
        return set(named.split())
    files = [line.partition(",")[0] for line in (package.read_text("RECORD") or "").splitlines()]
    return {file.partition("/")[0].removesuffix(".py") for file in files if file.endswith(".py")}


def read(data_set: str, stage: str) -> tuple[Path, dict[str, Any]]:
    """The record of a stage and where it lies."""
    path = paths.made(data_set, stage, f"{stage}.json")
    return path, json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, content: dict[str, Any]) -> None:
    with paths.whole(path) as draft:
        draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _peak() -> float | None:
    """Largest memory of this process or one that it started, in megabytes; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(most / (1e6 if sys.platform == "darwin" else 1e3), 1)

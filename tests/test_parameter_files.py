"""Parameters are read as DVC reads them, and again when their file has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from dvc.dependency.param import read_param_file
from dvc.fs import localfs

from pipeline.running import parameter_files
from tests.conftest import ROOT


@pytest.mark.parametrize("file", ["params.yaml", "models/choices.yaml"])
def test_every_parameter_that_a_stage_declares_is_the_one_that_dvc_reads(file: str) -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    listed = [entry for stage in stages.values() for entry in stage.get("params", ())]
    names = [name for entry in listed for name in (entry.get(file, []) if isinstance(entry, dict) else [entry])]
    names = [*names, "not.there", "fit_draws.value.deeper"]
    path = str(ROOT / file)
    expected = read_param_file(localfs, path, names, flatten=True)
    found = parameter_files.values(read_param_file, {}, localfs, path, names, flatten=True)
    assert len(expected) > 3
    assert found == expected


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    path, known = tmp_path / "params.yaml", {}

    def value() -> object:
        return parameter_files.values(read_param_file, known, localfs, str(path), ["a.b"], flatten=True)

    path.write_text("a: {b: [1]}\n", encoding="utf-8")
    assert value() == {"a.b": [1]}
    os.utime(path, ns=(1, 1))
    path.write_text("a: {b: [2]}\n", encoding="utf-8")
    assert value() == {"a.b": [2]}
    path.unlink()
    with pytest.raises(FileNotFoundError):
        value()


@pytest.mark.parametrize("name", ["measure.*", "data_sets.0"])
def test_wildcards_and_places_are_left_to_dvc(name: str) -> None:
    path = str(ROOT / "params.yaml")
    asked = {"key_paths": [name], "flatten": True}
    assert parameter_files.values(read_param_file, {}, localfs, path, **asked) == read_param_file(
        localfs, path, **asked
    )

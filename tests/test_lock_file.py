"""The entry of a stage in dvc.lock is the one that DVC itself would write."""

from collections import OrderedDict
from types import SimpleNamespace

import yaml
from dvc.utils.serialize import dump_yaml, parse_yaml

from pipeline.running import lock_file


def read(path):
    return parse_yaml(path.read_text(encoding="utf-8"), path)


def entry(name: str, cause: str) -> dict:
    outs = [OrderedDict(path=f"results/数据 {name}", hash="md5", md5="0" * 32, size=12)]
    deps = [
        OrderedDict(path=f"a folder whose name is long enough to be folded by a writer/{cause}.py", md5="1e5", size=3)
    ]
    params = {"params.yaml": OrderedDict(seed=1, level=1e-05, names=["yes", "on", "2026-01-01", ""], nothing=None)}
    return {name: OrderedDict(cmd=f"stage '{name}'", deps=deps, params=params, outs=outs)}


def test_the_file_reads_as_the_one_that_dvc_writes(tmp_path, monkeypatch):
    monkeypatch.setattr("dvc.stage.serialize.to_lockfile", lambda stage: entry(stage.name, stage.cause))
    ours, theirs = tmp_path / "dvc.lock", tmp_path / "theirs.lock"
    kept = lock_file.LockFile(ours)
    for name, cause in (("acquire@甲", "one"), ("clean@甲", "two"), ("acquire@甲", "three")):
        kept.keep(SimpleNamespace(name=name, cause=cause))
    dump_yaml(theirs, {"schema": "2.0", "stages": {**entry("acquire@甲", "three"), **entry("clean@甲", "two")}})
    assert list(read(ours)["stages"]) == list(read(theirs)["stages"])
    assert read(ours) == read(theirs)


def test_an_entry_of_somebody_else_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("dvc.stage.serialize.to_lockfile", lambda stage: entry(stage.name, "cause"))
    path = tmp_path / "dvc.lock"
    kept = lock_file.LockFile(path)
    kept.keep(SimpleNamespace(name="one"))
    other = yaml.safe_load(path.read_text(encoding="utf-8"))
    other["stages"]["two"] = {"cmd": "of another program"}
    path.write_text(yaml.safe_dump(other), encoding="utf-8")
    kept.keep(SimpleNamespace(name="three"))
    assert list(yaml.safe_load(path.read_text(encoding="utf-8"))["stages"]) == ["one", "two", "three"]

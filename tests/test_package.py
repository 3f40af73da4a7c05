"""A deposit holds what it says and what its licences allow, and describes it in the forms of archives."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from dataclasses import replace
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
import requests
import yaml
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

from pipeline.cards import card as cards
from pipeline.cli import main
from pipeline.core import results
from pipeline.depositing import ddi
from pipeline.depositing.contents import contents
from pipeline.reading import sources
from pipeline.running import enlisting
from pipeline.verifying import published
from tests.conftest import ROOT, in_chinese
from tests.report_results import verdict_rows
from tests.result_rows import survey_rows
from tests.test_doctor import PARTS

RECORD = {
    "seed": 7,
    "parameters": {"measure": {"bootstrap": 500}},
    "choices": {"alpha": 0.05},
    "versions": {"numpy": "2"},
    "seeds": [],
}
SETS = ("benchmark", "corp_rep")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with published results of two sets: one simulated, one in Chinese whose data may not be passed on."""
    root = tmp_path_factory.mktemp("project")
    for name in (*PARTS, "LICENSE", "CITATION.cff"):
        source, kept = ROOT / name, shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=kept, copy_function=os.link)
        else:
            shutil.copy(source, root / name)
    card = root / "data/corp_rep/card.yaml"
    chinese = in_chinese(yaml.safe_load(card.read_text(encoding="utf-8")))
    card.unlink()
    card.write_text(yaml.safe_dump(chinese, allow_unicode=True, sort_keys=False), encoding="utf-8")
    for name in SETS:
        folder = root / "published" / name
        folder.mkdir(parents=True)
        rows = results.table([pd.DataFrame(survey_rows())], data_set=name, simulated=name == "benchmark")
        results.write(rows, folder / "results.csv")
        results.write(verdict_rows(name, name == "benchmark", {"H1a": "supported"}), folder / "verdicts.csv")
        pd.DataFrame([("models/a.py", "1")], columns=["path", "sha256"]).to_csv(folder / "program.csv", index=False)
        (folder / "summary.json").write_text("{}\n", encoding="utf-8")
        source = {"files": {"answers": {"file": "answers.csv", "sha256": "ab" * 32, "rows": 3}}}
        stages = ("acquire", "clean", "measure", "structure", "panel", "judge")
        facts = {
            "data_set": name, "date": "2026-01-01", "commit": "abc", "whole": True, "source": source,
            "machine": {"system": "Linux", "architecture": "x86_64", "processor": "one"},
            "records": dict.fromkeys(stages, RECORD),
        }  # fmt: skip
        (folder / "published.json").write_text(json.dumps(facts), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def deposit(project: Path) -> Path:
    """The deposit of both sets."""
    before = Path.cwd()
    os.chdir(project)
    try:
        assert main(["package", "--to", "../deposit"]) == 0
    finally:
        os.chdir(before)
    return project.parent / "deposit"


@pytest.fixture
def terms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terms of RO-Crate from the installed package in place of the web, which tests do not need.

    They are those of 1.3, where Bioschemas has other addresses than in 1.1, on which the profile is built.
    """
    answer = requests.Response()
    answer.status_code, answer.encoding = 200, "utf-8"
    content = (resources.files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
    answer._content = content.replace(b"https://bioschemas.org/terms/", b"https://bioschemas.org/")
    answer.headers["Content-Type"] = "application/ld+json"
    monkeypatch.setattr(HttpRequester, "get", lambda self, url, **options: answer, raising=False)


@pytest.mark.slow
@pytest.mark.usefixtures("terms")
def test_the_crate_passes_the_validator_as_a_provenance_run_crate(deposit: Path) -> None:
    settings = services.ValidationSettings(
        rocrate_uri=str(deposit), profile_identifier="provenance-run-crate",
        requirement_severity=models.Severity.REQUIRED, offline=True,
    )  # fmt: skip
    result = services.validate(settings)
    assert not [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
    graph = json.loads((deposit / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    actions = [one["@id"] for one in graph if one["@type"] == "CreateAction"]
    assert sorted(one for one in actions if one.startswith("#corp_rep-")) == sorted(
        f"#corp_rep-{stage}" for stage in ("acquire", "clean", "measure", "structure", "panel", "judge")
    )


def test_data_that_may_not_be_passed_on_are_listed_and_not_packed(deposit: Path) -> None:
    assert sorted(path.name for path in (deposit / "data/corp_rep").iterdir()) == ["card.yaml"]
    text = (deposit / "DEPOSIT.md").read_text(encoding="utf-8")
    absent = text.split("## Data that are not in this deposit")[1].split("\n## ")[0]
    assert "corp_rep_data.csv" in absent
    assert "GPL-3.0（软件包" in absent, "its card is in Chinese alone"
    assert "benchmark" not in absent


def test_only_data_that_may_be_passed_on_are_fetched_and_none_stays_in_the_project(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Path] = []

    def locate(card: cards.Card, table: str, mirror: str | None, download_to: Path) -> Path:
        asked.append(download_to)
        return Path(f"{card.id}-{table}")

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sources, "locate", locate)
    monkeypatch.setattr(published, "chosen", list)
    assert contents(["corp_rep", "ta_feng"], tmp_path).data == {}
    assert not asked
    card = cards.load(Path("data/ta_feng/card.yaml"))
    free = replace(card, raw=card.raw | {"source": card.raw["source"] | {"redistributable": True}})
    monkeypatch.setattr(cards, "load", lambda path: free)
    packed = contents(["ta_feng"], tmp_path)
    assert set(asked) == {tmp_path}
    assert list(packed.data) == ["data/ta_feng/ta_feng.csv.zip"]


def test_only_the_packed_sets_are_run_and_published(deposit: Path) -> None:
    """Cards of the others are there: they hold no data, and the texts and tests of the project read them."""
    assert sorted(path.name for path in (deposit / "published").iterdir() if path.is_dir()) == sorted(SETS)
    assert len(list((deposit / "data").glob("*/card.yaml"))) == len(list((ROOT / "data").glob("*/card.yaml")))
    settings = yaml.safe_load((deposit / "params.yaml").read_text(encoding="utf-8"))
    assert settings["data_sets"] == list(SETS)
    assert settings["seed"] == yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["seed"]


def test_every_file_has_its_checksum_and_the_archive_is_the_folder(deposit: Path) -> None:
    lines = [line.split("  ") for line in (deposit / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    sums = {name: digest for digest, name in lines}
    files = {path.relative_to(deposit).as_posix(): path for path in deposit.rglob("*") if path.is_file()}
    assert set(sums) == set(files) - {"SHA256SUMS"}
    assert all(hashlib.sha256(files[name].read_bytes()).hexdigest() == digest for name, digest in sums.items())
    with zipfile.ZipFile(deposit.with_suffix(".zip")) as packed:
        assert {name.partition("/")[2] for name in packed.namelist()} == set(files)


def test_the_codebooks_describe_every_column_and_every_item(deposit: Path) -> None:
    space = {"d": ddi.NAMESPACE}
    book = ElementTree.parse(deposit / "codebook/corp_rep.xml").getroot()
    named = [one.get("name") for one in book.iterfind(".//d:var", space)]
    assert {"estimate", "pvalue", "verdict", "qual_1"} <= set(named)
    labels = [one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in book.iterfind(".//d:labl", space)]
    assert set(labels) == {"en", "zh"}
    described = json.loads((deposit / "codebook/corp_rep.jsonld").read_text(encoding="utf-8"))
    assert described["@type"] == "Dataset"
    assert described["license"] == "GPL-3.0（软件包；仅作数据读取，从不导入）"
    assert {"name": "qual_1", "minValue": 1.0, "maxValue": 7.0}.items() <= next(
        one for one in described["variableMeasured"] if one["name"] == "qual_1"
    ).items()


@pytest.mark.parametrize(
    "text", ["data_sets:\n  - a\n  - b\n\nseed: 1\n", "data_sets: [a, b]\nseed: 1\n", "data_sets:\n- a\nseed: 1\n"]
)
def test_data_sets_of_parameters_are_replaced_and_nothing_else(text: str) -> None:
    assert yaml.safe_load(enlisting.replaced(text, ["x", "y"])) == {"data_sets": ["x", "y"], "seed": 1}

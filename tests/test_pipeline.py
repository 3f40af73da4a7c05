"""The whole way on small real data: run, run again, add data sets, take one away, without git."""

from __future__ import annotations

import compileall
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from models import sem
from models.remarks import remark, unpacked
from pipeline.core import results
from pipeline.verbs.stage import STAGES
from reports.front.page import PAPER
from tests.conftest import ROOT, Project

SOURCES = ("data", "models", "pipeline", "reports", "published", "dvc.yaml", "requirements.txt", ".dvc", ".dvcignore")
EVENTS = "".join(
    f"{user},2024-{month:02d}-{1 + (user * 7 + month * visit) % 27:02d},buy,{10 + (user * month) % 7}\n"
    for user in range(1, 41)
    for month in range(1, 7)
    for visit in range(1 + (user + month) % 3)
)


# A survey and a log: what enters a synthesis is asked elsewhere.
PUBLISHED = ("mobi", "online_retail")


def archive(folder: Path) -> Project:
    """An unpacked source archive: no git, no results, nothing that DVC keeps, and two of the published data sets.

    Its modules are compiled once for all.
    """
    others = {path.name for path in (ROOT / "published").iterdir() if path.is_dir()} - set(PUBLISHED)
    left_out = shutil.ignore_patterns("cache", "tmp")
    _compile()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            few = shutil.ignore_patterns(*others) if name == "published" else left_out
            shutil.copytree(source, folder / name, ignore=few)
        else:
            shutil.copy(source, folder / name)
    project = object.__new__(Project)
    project.folder = folder
    return project


@cache
def _compile() -> None:
    """Beside the sources, whence each archive takes it along."""
    for name in ("models", "pipeline", "reports"):
        compileall.compile_dir(ROOT / name, quiet=1)


def _compile_kernels() -> None:
    """Machine code of the engine, for complete answers and for those with gaps."""
    answers = pd.DataFrame(np.random.default_rng(1).multivariate_normal(np.zeros(3), np.eye(3) / 2 + 0.5, 50))
    answers.columns = ["a", "b", "c"]
    for data in (answers, answers.mask(answers > 1.5)):
        assert sem.fit("F =~ a + b + c", data, missing="fiml", bootstrap=2, seed=1).bootstrap_result is not None


def stickiness(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=of_its_own(folder), capture_output=True, text=True, check=False)


def of_its_own(folder: Path) -> dict[str, str]:
    """An environment in which the program of an archive is found before the installed one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A finished run over one real survey, as a whole and with few of its variants."""
    _compile_kernels()
    project = archive(tmp_path_factory.mktemp("archive"))
    card = yaml.safe_load((project.folder / "data/corp_rep/card.yaml").read_text(encoding="utf-8"))
    del card["survey"]["controls"], card["survey"]["groups"]
    project.card("corp_rep", card)
    choices = project.folder / "models/choices.yaml"
    text = choices.read_text(encoding="utf-8")
    for name, usual, few in (("imputations", 20, 2), ("fit_draws", 200, 50)):
        assert f"{name}:\n  value: {usual}\n" in text
        text = text.replace(f"{name}:\n  value: {usual}\n", f"{name}:\n  value: {few}\n")
    choices.write_text(text, encoding="utf-8")
    multiverse = project.folder / "models/specs/multiverse.yaml"
    text, of_categories = multiverse.read_text(encoding="utf-8"), "{name: WLSMV, type: equivalent, when: "
    assert f"{of_categories}always" in text
    multiverse.write_text(text.replace(f"{of_categories}always", f"{of_categories}chosen"), encoding="utf-8")
    project.parameters(data_sets=["corp_rep"])
    done = stickiness(project.folder, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    return project, done.stdout


def steps(output: str, state: str) -> set[str]:
    """Stage instances that were in a state, from the progress lines."""
    lines = re.findall(r"^\[ ?\d+/\d+\] (.{18}\S*) (\w+) +(.*)$", output, flags=re.M)
    return {f"{stage}@{name.strip()}" for name, stage, rest in lines if state in rest}


def test_a_run_shows_its_steps_and_ends_with_a_summary(ran: tuple[Project, str]) -> None:
    project, output = ran
    assert "structure@corp_rep" in steps(output, " s")
    assert re.search(r"corp_rep +344 +survey", output)
    assert "Report: results/report/index.html" in output
    assert (project.folder / "results/report/index.html").is_file()
    assert (project.folder / "results/report/index.zh.html").is_file()


def test_the_real_survey_gives_the_known_verdicts(ran: tuple[Project, str]) -> None:
    project, _ = ran
    verdicts = results.read(project.folder / "results/corp_rep/judge/verdicts.csv")
    found = verdicts[verdicts["kind"] == "survey"].set_index("hypothesis")
    assert found.loc[["H1a", "H2"], "verdict"].tolist() == ["supported"] * 2
    assert found.loc["H1b", "verdict"] == "inconclusive"
    assert unpacked(found.loc["H1c", "detail"]) == [remark("not_measured", constructs=["participation"])]


def test_both_links_of_an_indirect_effect_decide_and_its_interval_is_bca(ran: tuple[Project, str]) -> None:
    project, output = ran
    assert "bootstrap of" not in output, "how far a stage is goes to a terminal only"
    rows = results.read(project.folder / "results/corp_rep/judge/results.csv")
    decides = rows[(rows["hypothesis"] == "H3a") & (rows["quantity"] == "estimate")]
    assert decides["definition"].tolist() == ["bca"]
    verdicts = results.read(project.folder / "results/corp_rep/judge/verdicts.csv").set_index(["hypothesis", "kind"])
    shown = ["estimate", "ci_lower", "ci_upper"]
    assert verdicts.loc[("H3a", "survey"), shown].tolist() == decides.iloc[0][shown].tolist()
    paths = rows[(rows["table"] == "paths") & (rows["model"] == "mechanisms") & (rows["quantity"] == "estimate")]
    links = paths.set_index("term").loc[["identification ~ value", "stickiness ~ identification"], "pvalue"]
    assert verdicts.loc[("H3a", "survey"), ["verdict", "pvalue"]].tolist() == ["supported", links.max()]
    counts = rows[rows["table"] == "bootstrap"].pivot(index=["model", "group"], columns="term", values="estimate")
    assert counts.loc[("mechanisms", ""), "draws"] == 200
    assert counts.loc[("mechanisms", ""), "failed"] < 10


def test_the_long_table_is_published_with_its_codebook(ran: tuple[Project, str]) -> None:
    project, _ = ran
    folder = project.folder / "results/corp_rep/judge"
    rows, book = results.read(folder / "results.csv"), pd.read_csv(folder / "codebook.csv", keep_default_na=False)
    told = book[(book["column"] == "quantity") & (book["table"] != "")]
    assert set(zip(told["table"], told["value"], strict=True)) == set(zip(rows["table"], rows["quantity"], strict=True))
    assert rows.loc[rows["decides"], "hypothesis"].ne("").all()
    assert {"H1a", "H2", "H3a"} <= set(rows.loc[rows["decides"], "hypothesis"])


def test_the_second_opinion_agrees(ran: tuple[Project, str]) -> None:
    """semopy and the engine minimise the same function; 1e-5 is a tenth of the last digit that any table shows."""
    project, _ = ran
    rows = results.read(project.folder / "results/corp_rep/judge/results.csv")
    opinion = rows[rows["table"] == "second_opinion"].set_index("quantity")["estimate"]
    assert opinion["parameters"] > 30
    assert opinion["agrees"] == 1
    assert opinion["largest_deviation_estimate"] < 1e-5
    assert opinion["largest_relative_deviation_se"] < 1e-4


def test_the_report_is_self_contained_and_speaks_both_languages(ran: tuple[Project, str]) -> None:
    project, _ = ran
    pages = sorted((project.folder / "results/report").rglob("*.html"))
    assert len(pages) == 2 * 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        links = re.findall(r'(?:src|href)="([^"#]+)', text)
        outside = [link for link in links if link.startswith(("http", "//"))]
        assert not [link for link in outside if "doi.org" not in link and link != PAPER], page.name
        for link in links:
            if not link.startswith(("data:", "http", "mailto:")):
                assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_metrics_and_plots_work_offline(ran: tuple[Project, str]) -> None:
    project, _ = ran
    shown = subprocess.run(
        [sys.executable, "-m", "dvc", "metrics", "show"], cwd=project.folder, capture_output=True, text=True, check=True
    )
    assert "corp_rep" in shown.stdout
    subprocess.run([sys.executable, "-m", "dvc", "plots", "show"], cwd=project.folder, capture_output=True, check=True)
    page = (project.folder / "dvc_plots/index.html").read_text(encoding="utf-8")
    assert not re.search(r'<script[^>]+src="https?:', page)


def test_running_again_changes_nothing(ran: tuple[Project, str]) -> None:
    project, _ = ran
    again = stickiness(project.folder, "run").stdout
    assert len(steps(again, "unchanged")) == 7 + 2


def test_a_data_set_that_is_as_it_was_is_not_drawn_again_for_being_named(ran: tuple[Project, str]) -> None:
    project, _ = ran
    report = project.folder / "results/report"
    drawn = report.stat().st_mtime_ns
    again = stickiness(project.folder, "run", "corp_rep").stdout
    assert len(steps(again, "unchanged")) == 7
    assert report.stat().st_mtime_ns == drawn


def test_a_page_reads_what_its_stages_cost_when_it_is_opened(ran: tuple[Project, str]) -> None:
    project, _ = ran
    page = project.folder / "results/report/corp_rep/en.html"
    costs = [page.parent / found for found in re.findall(r'<script src="([^"]+)"', page.read_text(encoding="utf-8"))]
    assert set(STAGES) <= {path.stem for path in costs}
    for path in costs:
        shown = json.loads(path.read_text(encoding="utf-8").partition(" = ")[2].rstrip(";\n"))
        assert shown == json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert set(shown) == {"seconds", "peak_memory_mb"}


@pytest.fixture(scope="module")
def more(ran: tuple[Project, str]) -> tuple[Project, subprocess.CompletedProcess[str]]:
    """The run after a user added a small event log, and another one whose file is not the one of its card.

    Before, results were asked for that the page of the first data set does not show yet.
    """
    project, _ = ran
    assert stickiness(project.folder, "null", "corp_rep", "--draws", "1").returncode == 0
    card = project.folder / project.log("shop", "user,when,kind,amount\n" + EVENTS)
    card.write_text(card.read_text(encoding="utf-8").replace("a title", "the corner shop"), encoding="utf-8")
    project.log("torn", "user,when,kind,amount\n" + EVENTS)
    (project.folder / "data/torn/table.csv").write_text("user,when,kind,amount\n", encoding="utf-8")
    project.parameters(data_sets=["torn", "corp_rep", "shop"])
    return project, stickiness(project.folder, "run")


def test_a_data_set_that_is_added_runs_alone(more: tuple[Project, subprocess.CompletedProcess[str]]) -> None:
    project, done = more
    ran_now = steps(done.stdout, " s")
    assert len([step for step in ran_now if step.endswith("@shop")]) == 7
    assert [step for step in ran_now if step.endswith("@corp_rep")] == ["page@corp_rep"]
    index = (project.folder / "results/report/index.html").read_text(encoding="utf-8")
    assert "the corner shop" in index


def test_what_was_asked_for_after_a_run_comes_onto_the_page_with_the_next(
    more: tuple[Project, subprocess.CompletedProcess[str]],
) -> None:
    project, _ = more
    text = (project.folder / "results/report/corp_rep/en.html").read_text(encoding="utf-8")
    assert "null · survey · 0 · answers" in text, "the seeds that it drew from"
    assert re.search(r"null_draws</th><td>1</td>", text), "what was asked for, not what is usual"


def test_a_data_set_that_fails_is_named_and_the_report_shows_the_others(
    more: tuple[Project, subprocess.CompletedProcess[str]],
) -> None:
    project, done = more
    assert done.returncode == 1
    assert "torn, step acquire:" in done.stderr
    assert "The report shows the others: corp_rep, shop." in done.stderr
    assert re.search(r"corp_rep +344 +survey", done.stdout)
    index = (project.folder / "results/report/index.html").read_text(encoding="utf-8")
    assert "corp_rep" in index
    assert "torn" not in index


@pytest.mark.parametrize("verb", [("stage", "site"), pytest.param(("run",), marks=pytest.mark.slow)], ids=" ".join)
def test_a_data_set_can_be_taken_away(
    verb: tuple[str, ...], more: tuple[Project, subprocess.CompletedProcess[str]]
) -> None:
    """One that failed and one that the report has shown."""
    project, _ = more
    project.parameters(data_sets=["corp_rep"])
    done = stickiness(project.folder, *verb)
    assert done.returncode == 0, done.stdout + done.stderr
    index = (project.folder / "results/report/index.html").read_text(encoding="utf-8")
    assert "corp_rep" in index
    assert "the corner shop" not in index


def test_bad_input_stops_the_run_before_any_stage(ran: tuple[Project, str]) -> None:
    project, _ = ran
    project.parameters(data_sets=["corp_rep", "corp_rap"])
    done = stickiness(project.folder, "run")
    assert done.returncode != 0
    assert "did you mean 'corp_rep'" in done.stderr
    assert "acquire" not in done.stdout


@pytest.mark.slow
def test_two_runs_at_different_paths_are_identical(tmp_path: Path) -> None:
    """Every table, figure, record and page, byte by byte; only what a run costs differs."""
    trees = []
    for name in ("a", "a_longer_path"):
        (tmp_path / name).mkdir()
        project = archive(tmp_path / name)
        project.parameters(data_sets=["benchmark", "corp_rep"])
        assert stickiness(project.folder, "run").returncode == 0
        root = project.folder / "results"
        trees.append(
            {
                p.relative_to(root): p.read_bytes()
                for p in sorted(root.rglob("*"))
                if p.is_file() and root / "costs" not in p.parents
            }
        )
    assert trees[0].keys() == trees[1].keys()
    assert not [path for path in trees[0] if trees[0][path] != trees[1][path]]


@pytest.mark.slow
def test_the_benchmark_recovers_its_structural_paths(tmp_path: Path) -> None:
    """Pooled structural paths lie in their intervals, and over all parameters about 95 % do."""
    project = archive(tmp_path)
    project.parameters(data_sets=["benchmark"])
    for stage in ("acquire", "clean", "measure", "structure", "panel", "judge"):
        assert stickiness(project.folder, "stage", stage, "benchmark").returncode == 0
    rows = results.read(project.folder / "results/benchmark/judge/results.csv")
    recovered = rows[rows["table"] == "recovery"]
    pooled = recovered[(recovered["group"] == "") & (recovered["model"] == "mechanisms")]
    pooled = pooled[pooled["term"].str.contains(" ~ ", regex=False)]
    assert len(pooled) == 13
    assert (pooled["quantity"] == "covered").all()
    share = (recovered["quantity"] == "covered").mean()
    assert share > 0.92, "a share of .92 is more than three standard errors below .95 at this many parameters"
    assert pd.notna(recovered["statistic"]).all()

"""Published results come out again, or every number, verdict, row and file that does not is named."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from models.statistics import monte_carlo
from pipeline.cards import not_run_here
from pipeline.cli import main
from pipeline.core import results, standing
from pipeline.core.errors import InputError
from pipeline.verifying import clean_copy, contrast, program, published, publishing, screen, stability, verbs
from pipeline.verifying import verification as verifying
from pipeline.verifying.published import Results
from reports import comparison, verification
from reports.front import page as front
from reports.texts import LANGUAGES, Texts
from tests.conftest import Project
from tests.report_results import NOTHING, summary, verdict_rows
from tests.result_rows import estimate, survey_rows

HERE = {"system": "Linux", "architecture": "x86_64", "processor": "one"}
RECORD = {
    "seed": 1,
    "parameters": {"measure": {"bootstrap": 500}},
    "choices": {"alpha": 0.05},
    "versions": {"numpy": "2"},
}


@pytest.fixture(scope="module")
def was() -> Results:
    """Published results of a survey, with an indirect effect that rests on 5,000 resamples."""
    effect = estimate("effects", "h3a", 0.123456, hypothesis="H3a", definition="bca", model="own")
    draws = {"table": "bootstrap", "term": "draws", "quantity": "count", "estimate": 5000, "model": "own"}
    rows = results.table([pd.DataFrame([*survey_rows(), effect, draws])], data_set="here", simulated=False)
    verdicts = verdict_rows("here", False, {"H1a": "supported", "H3a": "supported"})
    facts = {"records": {"measure": RECORD}, "machine": HERE, "whole": True, "date": "2026-01-01", "commit": "abc"}
    return Results("here", rows, verdicts, facts, {"models/a.py": "1", "models/b.py": "2"})


def change(was: Results, where: dict[str, str], column: str, value: float) -> Results:
    """The same results with one number in another place."""
    rows = was.rows.copy()
    match = np.logical_and.reduce([rows[name] == wanted for name, wanted in where.items()])
    assert match.sum() == 1
    rows.loc[match, column] = value
    return replace(was, rows=rows)


PATH = {"table": "paths", "term": "stickiness ~ identification", "quantity": "estimate"}
EFFECT = {"table": "effects", "term": "h3a", "quantity": "estimate", "model": "own"}


def test_equal_results_are_reproduced_number_by_number(was: Results) -> None:
    checked = verifying.compared(was, was)
    assert checked.state == verifying.REPRODUCED
    assert not checked.found
    assert not checked.changed
    assert checked.counts["same"] > 9 * len(was.rows)


def test_an_estimate_that_is_off_in_the_sixth_digit_is_named_with_its_place_and_size(was: Results) -> None:
    checked = verifying.compared(was, change(was, PATH, "estimate", 0.400001))
    assert checked.state == verifying.DIFFERENT
    (found,) = checked.found
    assert (found.state, found.cell.column, found.cell.left, found.cell.right) == ("differs", "estimate", 0.4, 0.400001)
    assert found.record()["by"] == pytest.approx(1e-6)
    shown = screen.verified([checked])
    assert "different: paths, " in shown
    assert "stickiness ~ identification" in shown
    assert "published 0.4, got 0.400001" in shown


def test_what_is_kept_tells_two_sides_of_a_printed_digit_from_a_difference(was: Results, tmp_path: Path) -> None:
    """Kept are twelve digits, printed six: .1234565 ∓ 1e-11 is printed .123456 and .123457."""
    below, above = (change(was, EFFECT, "estimate", 0.1234565 + step) for step in (-1e-11, 1e-11))
    results.write(below.rows, tmp_path / "results.csv")
    kept = replace(was, rows=results.read(tmp_path / "results.csv"))
    assert verifying.compared(kept, below).found == ()
    counts = verifying.compared(kept, above).counts
    assert (counts["within"], counts["differs"]) == (1, 0)
    short = replace(kept, rows=results.printed(kept.rows))
    assert verifying.compared(short, below).found == ()
    assert 0.123456 in short.rows["estimate"].tolist()


def test_another_verdict_differs_however_near_the_numbers_are(was: Results) -> None:
    verdicts = was.verdicts.copy()
    at = (verdicts["hypothesis"] == "H1a") & (verdicts["kind"] == "survey")
    verdicts.loc[at, "verdict"] = "contradicted"
    checked = verifying.compared(was, replace(was, verdicts=verdicts))
    assert checked.state == verifying.DIFFERENT
    assert "verdicts, H1a | survey, column verdict: published supported, got contradicted" in screen.verified([checked])


def test_rows_that_are_gone_or_new_are_named(was: Results) -> None:
    draws = (was.rows["table"] == "bootstrap") & (was.rows["model"] == "own")
    fewer = replace(was, rows=was.rows[~draws])
    (gone,), (new,) = verifying.compared(was, fewer).found, verifying.compared(fewer, was).found
    assert (gone.state, new.state) == ("missing", "new")
    assert gone.cell.table == new.cell.table == "bootstrap"
    assert verifying.compared(was, fewer).state == verifying.compared(fewer, was).state == verifying.DIFFERENT


def test_changed_files_and_settings_are_named_and_do_no_harm_alone(was: Results) -> None:
    record = RECORD | {"choices": {"alpha": 0.01}}
    facts = was.facts | {"records": {"measure": record}}
    got = replace(was, program={"models/a.py": "1", "models/b.py": "3", "models/c.py": "4"}, facts=facts)
    checked = verifying.compared(was, got)
    assert checked.state == verifying.REPRODUCED
    assert checked.changed == (
        ("models/b.py", "changed"),
        ("models/c.py", "added"),
        ("choices: alpha", "0.05 → 0.01"),
    )


def test_a_resampled_bound_may_move_by_its_monte_carlo_error_and_its_estimate_may_not(was: Results) -> None:
    """An end of an interval of width .4 has an error of .4 / 3.92 · √(.025 · .975 / 5000) / .0584 = .0039."""
    error = monte_carlo.of_interval_end(0.4, 5000)
    assert error == pytest.approx(0.00386, abs=1e-5)
    bound = 0.123456 - 0.2
    near, far = (change(was, EFFECT, "ci_lower", bound + k * error) for k in (3, 5))
    assert verifying.compared(was, near).counts["within"] == 1
    assert verifying.compared(was, far).state == verifying.DIFFERENT
    assert verifying.compared(was, change(was, EFFECT, "estimate", 0.123457)).state == verifying.DIFFERENT


def test_monte_carlo_errors_are_what_draws_show() -> None:
    draws = np.random.default_rng(1).normal(size=(2000, 400))
    ends = np.quantile(draws, [0.025, 0.975], axis=1)
    width = 2 * 1.959964
    assert ends.std(axis=1).mean() == pytest.approx(monte_carlo.of_interval_end(width, 400), rel=0.08)
    assert draws.std(axis=1).std() == pytest.approx(monte_carlo.of_deviation(1.0, 400), rel=0.05)
    assert (draws < -1).mean(axis=1).std() == pytest.approx(monte_carlo.of_share(0.1587, 400), rel=0.05)


def test_only_another_machine_or_version_may_round_the_last_digit_otherwise(was: Results) -> None:
    got = change(was, EFFECT, "estimate", 0.123457)
    assert verifying.compared(was, got).state == verifying.DIFFERENT
    newer = replace(got, facts=got.facts | {"records": {"measure": RECORD | {"versions": {"numpy": "3"}}}})
    assert verifying.compared(was, newer).counts["within"] == 1
    elsewhere = replace(got, facts=got.facts | {"machine": HERE | {"processor": "two"}})
    assert verifying.compared(was, elsewhere).counts["within"] == 1
    twice = change(elsewhere, EFFECT, "estimate", 0.123458)
    assert verifying.compared(was, twice).state == verifying.DIFFERENT


def test_verdicts_over_seeds_say_which_of_them_move(was: Results) -> None:
    other = was.verdicts.copy()
    at = (other["hypothesis"] == "H3a") & (other["kind"] == "survey")
    other.loc[at, ["verdict", "estimate"]] = ["not supported", 0.1]
    listed = stability.over_seeds("here", was.verdicts, [was.verdicts, was.verdicts, other])
    assert [one.hypothesis for one in listed if not one.stable] == ["H3a"]
    assert listed[0].words == {"supported": 2, "not supported": 1}
    assert (listed[0].lowest, listed[0].highest) == (0.1, 0.4)
    assert "H3a (survey): published supported; supported 2×, not supported 1×" in screen.stability(listed, 3)


def test_what_matters_most_comes_first_in_a_comparison(was: Results) -> None:
    verdicts = was.verdicts.copy()
    verdicts.loc[verdicts["hypothesis"] == "H1a", "verdict"] = "contradicted"
    item = {"table": "items", "term": "id1", "quantity": "mean"}
    got = change(change(change(was, PATH, "estimate", 0.45), item, "estimate", 4.3), EFFECT, "estimate", 0.523456)
    listed = contrast.differences(was, replace(got, verdicts=verdicts))
    assert [cell.table for cell in listed] == ["verdicts"] * 3 + ["effects", "paths", "items"]
    assert contrast.differences(was, replace(was, data_set="there")) == []


def content(was: Results, got: Results) -> dict:
    one = verifying.compared(was, got)
    absent = verifying.Checked("gone", verifying.NOT_AT_HAND, "2026-01-01", "abc", said="get it from <the archive>")
    listed = stability.over_seeds("here", was.verdicts, [was.verdicts])
    return {
        "passed": False,
        "data_sets": [one.record(), absent.record()],
        "tolerances": verifying.tolerances.declared(),
        "seeds": 1,
        "stability": [vars(each) | {"stable": each.stable} for each in listed],
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_findings_sources_to_get_and_reasons_of_tolerances(was: Results, language: str) -> None:
    texts = Texts(language)
    html = verification.html(content(was, change(was, PATH, "estimate", 0.400001)), texts)
    assert "0.400001" in html
    assert "&lt;the archive&gt;" in html
    assert texts("verification.not_passed") in html
    for kind in verifying.tolerances.declared()["kinds"].values():
        assert kind["reason"][language] in html


@pytest.fixture
def shop(project: Project) -> Project:
    """A published log with a card, whose source is at hand."""
    project.log("shop", "user,when,kind,amount\n1,2024-01-01,buy,3\n")
    return project


def publish(was: Results, folder: Path, name: str = "shop") -> None:
    folder = folder / "published" / name
    folder.mkdir(parents=True)
    results.write(was.rows, folder / "results.csv")
    results.write(was.verdicts, folder / "verdicts.csv")
    (folder / "published.json").write_text(json.dumps(was.facts), encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary(name, False)), encoding="utf-8")
    pd.DataFrame(was.program.items(), columns=["path", "sha256"]).to_csv(folder / "program.csv", index=False)


def test_verify_writes_page_and_file_tells_by_its_code_and_leaves_the_published_alone(
    was: Results, shop: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(was, shop.folder)
    before = {path: path.read_bytes() for path in (shop.folder / "published").rglob("*.*")}
    monkeypatch.setattr(program, "files", lambda data_set, root=Path(): was.program)
    monkeypatch.setattr(clean_copy, "_PARTS", ("params.yaml",))
    monkeypatch.setattr(clean_copy, "rerun", lambda *_: was)
    assert main(["verify"]) == 0
    monkeypatch.setattr(clean_copy, "rerun", lambda *_: change(was, PATH, "estimate", 0.400001))
    assert main(["verify", "shop"]) == 1
    assert "DIFFERENT" in capsys.readouterr().out
    told = json.loads((shop.folder / "results/verification/verification.json").read_text(encoding="utf-8"))
    assert told["data_sets"][0]["differences"][0]["column"] == "estimate"
    assert (shop.folder / "results/verification/index.zh.html").is_file()
    assert {path: path.read_bytes() for path in before} == before


def test_a_source_that_is_not_at_hand_is_listed_with_where_to_get_it_and_an_altered_one_fails(
    was: Results, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(was, shop.folder)
    monkeypatch.setattr(program, "files", lambda data_set, root=Path(): was.program)
    source = shop.folder / "data/shop/table.csv"
    source.write_text("user,when,kind,amount\n1,2024-01-01,buy,4\n", encoding="utf-8")
    altered = verifying.verify("shop")
    assert altered.state == verifying.FAILED
    assert "table.csv" in altered.said
    source.unlink()
    absent = verifying.verify("shop")
    assert absent.state == verifying.NOT_AT_HAND
    assert "get it from the official archive" in absent.said
    good = verifying.compared(was, was)
    assert verbs.passed([good, absent], named=False)
    assert not verbs.passed([good, absent], named=True)
    assert not verbs.passed([absent], named=False)


def test_a_clean_copy_holds_the_sources_and_no_results_and_takes_another_seed(shop: Project) -> None:
    (shop.folder / "results").mkdir()
    for name in ("models", "pipeline", "reports"):
        (shop.folder / name).mkdir()
    (shop.folder / "requirements.txt").write_text("", encoding="utf-8")
    with clean_copy.clean("shop", seed=7) as root:
        assert (root / "data/shop/table.csv").is_file()
        assert not (root / "results").exists()
        params = (root / "params.yaml").read_text(encoding="utf-8")
    assert "seed: 7" in params
    assert f"mirror: {shop.folder / 'mirror'}" in params
    assert not root.exists()


def finished(project: Project, was: Results, name: str = "shop") -> None:
    """A run that ended well, as far as publication reads it."""
    folder = project.folder / "results" / name
    for part in ("raw", "judge"):
        (folder / part).mkdir(parents=True)
    results.write(was.rows, folder / "judge/results.csv")
    results.write(was.verdicts, folder / "judge/verdicts.csv")
    digest = publishing.sources.sha256(project.folder / "data/shop/table.csv")
    provenance = {"files": {"table": {"sha256": digest, "rows": 1}}}
    (folder / "raw/provenance.json").write_text(json.dumps(provenance), encoding="utf-8")
    (project.folder / "results/judged" / name).mkdir(parents=True)
    for file in ("about.json", "synthesis.csv"):
        (project.folder / "results/judged" / name / file).write_text("{}", encoding="utf-8")
    pages = project.folder / "results/pages" / name
    pages.mkdir(parents=True)
    (pages / "summary.json").write_text(json.dumps(summary(name, False)), encoding="utf-8")


def git(*arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="publishes from a repository, which git makes")
def test_publication_needs_a_finished_run_of_a_committed_tree_with_its_own_source(
    was: Results, shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "files", lambda data_set, root=Path(): was.program)
    monkeypatch.setattr(publishing, "_outdated", lambda data_set: None)
    with pytest.raises(InputError, match=r"a finished run of shop"):
        publishing.publish("shop")
    (shop.folder / "results/quick/shop").mkdir(parents=True)
    with pytest.raises(InputError, match="quick run only"):
        publishing.publish("shop")
    finished(shop, was)
    with pytest.raises(InputError, match="no git repository"):
        publishing.publish("shop")
    git("init", "-q")
    (shop.folder / ".gitignore").write_text("results\n", encoding="utf-8")
    with pytest.raises(InputError, match="not committed"):
        publishing.publish("shop")
    git("add", "-A")
    git("commit", "-qm", "all")
    params = shop.folder / "params.yaml"
    declared = params.read_text(encoding="utf-8")
    params.write_text(declared + "\nseed: 5\n", encoding="utf-8")
    with pytest.raises(InputError, match="not committed"):
        publishing.publish("shop")
    more = yaml.safe_load(declared) | {"data_sets": ["shop", "another"]}
    params.write_text(yaml.safe_dump(more), encoding="utf-8")
    (shop.folder / "results/shop/null").mkdir()
    (shop.folder / "results/shop/null/results.csv").write_text("table\n", encoding="utf-8")
    facts = json.dumps({"of": standing.rests_on("shop")})
    (shop.folder / "results/shop/null/facts.json").write_text(facts, encoding="utf-8")
    publishing.publish("shop")
    params.write_text(declared, encoding="utf-8")
    found = published.load("shop")
    assert len(found.facts["commit"]) == 40
    for name in ("about.json", "null.csv"):
        assert (shop.folder / "published/shop" / name).is_file(), "a synthesis elsewhere, and a reader, can read it"
    assert verifying.cells.of_rows(found.rows, was.rows)[0] == []
    (shop.folder / "data/shop/table.csv").write_text("user,when,kind,amount\n2,2024-01-01,buy,3\n", encoding="utf-8")
    git("commit", "-qam", "altered")
    with pytest.raises(InputError, match="altered"):
        publishing.publish("shop")


def test_the_front_page_marks_published_results_that_were_not_run_here(was: Results, shop: Project) -> None:
    publish(was, shop.folder)
    texts = Texts("en")
    assert not_run_here.published(["shop"]) == []
    found = not_run_here.published(["real"])
    assert [entry["data_set"] for entry in found] == ["shop"]
    shown = [summary("real", False), *found]
    assert set(comparison.gathered(shown, texts)["data_set"]) == {
        entry["title"]["en"] + "†" * ("published" in entry) for entry in shown
    }
    html = front.html([entry | {"slopes": []} for entry in shown], NOTHING, texts)
    assert html.count(texts("site.published", date="2026-01-01")) >= 2
    assert texts("site.published_note") in html
    file = shop.folder / "published/shop/verdicts.csv"
    decided = results.read(file)
    results.write(decided.assign(rule=decided["rule"].mask(decided["hypothesis"] == "H2", "sign - mechanisms")), file)
    (entry,) = not_run_here.published(["real"])
    assert entry["earlier"] == ["H2"]
    assert "H2" not in {row["hypothesis"] for row in entry["verdicts"]}
    assert texts("site.earlier_rule", name=entry["title"]["en"], hypotheses="H2") in front.html(
        [shown[0] | {"slopes": []}, entry | {"slopes": []}], NOTHING, texts
    )
    assert "shop/en.html" not in html


def test_names_that_are_not_published_or_have_no_results_are_told_with_what_there_is(
    was: Results, shop: Project
) -> None:
    with pytest.raises(InputError, match="stickiness publish"):
        published.chosen([])
    publish(was, shop.folder)
    with pytest.raises(InputError, match="did you mean 'shop'"):
        published.chosen(["shpo"])
    with pytest.raises(InputError, match="no results by this name"):
        contrast.resolved("shop")
    assert contrast.differences(contrast.resolved("published/shop"), published.load("shop")) == []


def test_publishing_while_something_else_runs_says_so(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from dvc import repo
    from dvc.lock import LockError

    class Busy:
        def __enter__(self) -> None:
            raise LockError("unable to acquire lock")

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr(repo, "Repo", Busy)
    with pytest.raises(InputError, match="another run"):
        publishing._outdated("shop")

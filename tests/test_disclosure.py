"""A card with a smallest cell lets out no smaller count of people, nor one from which a smaller could be reckoned."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.disclosure import apart, hidden
from models.remarks import packed, remark, unpacked
from models.results import tables
from pipeline.core import ledger, paths, results
from pipeline.stages import acquire, clean, judge, measure, page, panel, structure
from reports.tables import sample
from reports.texts import Texts
from tests.conftest import ROOT, Project, survey_card

# What somebody typed; the number makes each of them one person's.
TOLD = ("Quixotine Zarb {}", "zarb{}@quixotine.example", "because my cousin Zarbette sells there {}")
LEAST, FEW, PEOPLE, GONE = 5, 3, 97, 2


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(2, 9))
def test_counts_that_are_shown_never_differ_by_few(drops: list[int], least: int) -> None:
    counts = np.cumsum([*drops, 50])[::-1].tolist()
    shown = [count for count in apart(counts, least) if count is not None]
    assert shown[-1] == counts[-1]
    assert all(not 0 < one - other < least for one in shown for other in shown)


def profile(sizes: dict[str, int]) -> pd.DataFrame:
    n = sum(sizes.values())
    rows = []
    for level, size in sizes.items():
        for quantity, estimate in (("n", size), ("share", size / n)):
            rows.append({"term": level, "group": "sex", "n": n, "quantity": quantity, "estimate": estimate})
    return results.table([pd.DataFrame(rows).assign(table="profile")], LEAST, sample="survey")


def test_the_next_smallest_category_is_hidden_beside_a_small_one_and_the_reason_told() -> None:
    found = profile({"f": 50, "m": 40, "x": 3}).set_index(["quantity", "term"])
    for quantity in ("n", "share"):
        estimates = found["estimate"].loc[quantity]
        assert estimates.isna().to_dict() == {"f": False, "m": True, "x": True}
        reasons = {term: [one.key for one in unpacked(cell)] for term, cell in found["note"].loc[quantity].items()}
        assert reasons == {"f": [], "m": ["small_cell_beside"], "x": ["small_cell"]}
    assert found["estimate"].loc["few"].to_dict() == {"x": 1}, (
        "hidden for what it is, and not for what stands beside it"
    )
    assert profile({"f": 50, "m": 40, "x": 5})["estimate"].notna().all()


def test_rows_on_few_people_lose_every_number_and_sizes_near_that_of_all_lose_the_size() -> None:
    rows = pd.DataFrame(
        [
            {"group": "", "n": 100, "estimate": 0.5},
            {"group": "sex: f", "n": 97, "estimate": 0.4},
            {"group": "sex: m", "n": 3, "estimate": 0.9, "note": packed([remark("group_of_size", group="m", n=3)])},
            {"group": "without_doubted", "n": 98, "estimate": 0.5},
            {"group": "age: old", "n": 60, "estimate": 0.5},
            {"group": "age: young", "n": 38, "estimate": 0.5},
        ]
    ).assign(table="paths", quantity="estimate", term="a ~ b", model="mechanisms")
    found = results.table([rows], LEAST, sample="survey")
    assert found["n"].isna().tolist() == [False, True, True, True, False, True]
    assert found["estimate"].isna().tolist() == [False, False, True, False, False, False]
    assert "group_of_size" not in found["note"][2]
    pd.testing.assert_frame_equal(hidden(found, 0), found)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A survey in which three people use another kind of platform, and two answered too little."""
    draw = np.random.default_rng(3)
    factors = np.repeat(draw.normal(size=(PEOPLE, 2)), 2, axis=1) + 0.7 * draw.normal(size=(PEOPLE, 4))
    answers = pd.DataFrame(np.clip(np.round(3 + factors), 1, 5).astype(int), columns=["A1", "A2", "B1", "B2"])
    answers[["name", "mail", "why"]] = [[word.format(i) for word in TOLD] for i in range(PEOPLE)]
    answers["platform"] = ["notes"] * FEW + ["tmall"] * (PEOPLE - FEW)
    lost = pd.DataFrame([{"platform": "tmall"}] * GONE)
    table = pd.concat([answers, lost]).to_csv(index=False, float_format="%.0f")
    project = Project(tmp_path_factory.mktemp("few"))
    project.quick()
    survey = survey_card("few")["survey"] | {"exclude": {"max_missing_share": 0.5}}
    project.survey("few", table, survey=survey, privacy={"smallest_cell": LEAST})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        for stage in (acquire, clean, measure, structure, panel, judge):
            stage.run("few")
        yield project


def test_a_planted_cell_of_three_is_in_no_table_that_leaves_the_machine(ran: Project) -> None:
    steps = ledger.read(paths.of("few", "clean", "ledger.csv"))
    assert steps["rows_after"].iloc[-1] == PEOPLE
    shown = pd.concat([steps["rows_before"], steps["rows_after"]]).dropna()
    assert set(shown) == {PEOPLE}
    assert Texts("zh").remarks(packed([remark("small_cell", least=LEAST)])) == "少于 5 人，不予显示"

    counted = {name for name, table in tables().items() if table.counts in ("people", "sample")}
    files = [path for path in Path("results").rglob("*.csv") if "raw" not in path.parts and "clean" not in path.parts]
    assert {path.name for path in files} >= {"measure.csv", "structure.csv", "results.csv", "synthesis.csv"}
    for path in files:
        if path.name in ("measure.csv", "structure.csv", "results.csv", "synthesis.csv"):
            rows = results.read(path)
            n = rows["n"][rows["table"].isin(counted)].dropna()
            assert not n.between(1, LEAST - 1).any(), path
            assert not (PEOPLE - n).between(1, LEAST - 1).any(), path
        told = path.read_text(encoding="utf-8")
        assert not re.search(rf"(?<![\d.])({PEOPLE - FEW}|{PEOPLE + GONE})(?![\d])", told), path
    report = sample.profile(fake(results.read(paths.of("few", "judge", "results.csv"))), Texts("en"))[0]
    assert [row[1:] for row in report.rows[1:]] == [["–", "–"], ["< 5", "–"]]


def test_nothing_that_somebody_typed_is_written_but_to_rows_that_stay_on_the_machine(ran: Project) -> None:
    """The files beside the card, results/*/raw and results/*/clean hold rows; git does not see them."""
    local = {Path("data/few/table.csv"), *Path("results/few/raw").iterdir(), *Path("results/few/clean").iterdir()}
    holding = {
        path
        for path in Path().rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in (b"uixotine", b"Zarb", b"zarb"))
    }
    assert Path("data/few/table.csv") in holding
    assert holding <= local
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("what git keeps is asked of git, in a repository")
    ignored = subprocess.run(
        ["git", "check-ignore", "--stdin"], cwd=ROOT, text=True, capture_output=True,
        input="\n".join(map(Path.as_posix, local)),
    ).stdout.split()  # fmt: skip
    assert len(ignored) == len(local)


@pytest.mark.slow
def test_the_pages_show_neither_the_few_nor_what_somebody_typed(ran: Project) -> None:
    for name in ("models", "pipeline", "reports"):
        (ran.folder / name).symlink_to(ROOT / name)
    page.run("few")
    written = [path.read_text(encoding="utf-8") for path in Path("results/pages").rglob("*.*") if path.suffix != ".pdf"]
    assert len(written) > 4
    for text in written:
        assert not re.search(rf">{PEOPLE - FEW}<|>{PEOPLE + GONE}<|uixotine|[zZ]arb", text)
    assert any("&lt; 5" in text for text in written)


def fake(rows: pd.DataFrame):
    """A report that knows these rows alone."""
    from types import SimpleNamespace

    def table(name: str, **_: str) -> pd.DataFrame:
        return rows[rows["table"] == name].reset_index(drop=True)

    return SimpleNamespace(table=table, ordered=lambda terms: sorted(set(terms)), card=SimpleNamespace(smallest_cell=5))

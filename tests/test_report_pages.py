"""The pages of a data set: simulated data labelled, the same bytes twice, every exhibit of any results."""

from __future__ import annotations

import ast
import re
from xml.etree import ElementTree

import pytest

from models.remarks import packed, remark
from pipeline.stages import page
from reports.texts import LANGUAGES, Texts
from tests.conftest import ROOT, Project
from tests.pages_read import Page, in_process, leaks
from tests.report_results import data_set
from tests.result_rows import (
    LACKING,
    SINGULAR,
    cohort_rows,
    panel_rows,
    recovery_rows,
    roll_out_rows,
    scale_rows,
    survey_rows,
)


def test_a_simulated_data_set_is_labelled_wherever_it_shows_and_pages_are_the_same_twice(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = survey_rows() + scale_rows() + panel_rows() + roll_out_rows() + cohort_rows() + recovery_rows()
    data_set(project, "made_up", ("survey", "panel", "cohort"), rows, simulated=True)
    pages = project.folder / "results/pages/made_up"
    page.run("made_up")
    first = {path.name: path.read_bytes() for path in sorted(pages.rglob("*")) if path.is_file()}
    monkeypatch.setattr(page, "LANGUAGES", ("en",))
    page.run("made_up")
    second = {path.name: path.read_bytes() for path in sorted(pages.rglob("*")) if path.is_file()}
    of_one = {name for name in first if not name.startswith("zh.") and ".zh." not in name}
    assert second == {name: first[name] for name in of_one}
    assert {"en.html", "zh.html", "en.ipynb", "zh.ipynb", "summary.json", "path_diagram.en.svg"} <= set(first)
    assert first["path_diagram.en.svg"] != first["path_diagram.zh.svg"]
    drawn = ElementTree.fromstring(first["path_diagram.zh.drawio"])
    assert [cell.get("value") for cell in drawn.iter("mxCell")].count(Texts("zh")("simulated.watermark")) == len(drawn)
    for diagram in drawn:
        cells = {cell.get("id"): cell for cell in diagram.iter("mxCell")}
        ends = [cell.get(end) for cell in cells.values() if cell.get("edge") for end in ("source", "target")]
        assert ends
        assert all(cells[end].get("vertex") for end in ends)
    for language, lang, label in (("en", "en", "Simulated data"), ("zh", "zh-Hans", "模拟数据")):
        html = first[f"{language}.html"].decode()
        found = Page(html)
        assert found.all("html")[0]["lang"] == lang
        assert found.all("link") == []
        *costs, acting = found.all("script")
        assert set(acting) == {"data-words"}, "it stands in the page"
        assert all(set(script) == {"src"} and script["src"].startswith("../../costs/made_up/") for script in costs)
        assert not re.search(r"fetch|import|XMLHttp|http", html.rpartition("<script")[2])
        assert not re.search(r"https?://(?!doi\.org/)|file:/|" + re.escape(str(project.folder)), html)
        assert Texts(language)("simulated.banner") in html
        assert f"<td>{Texts(language)('site.trials.untrue')}</td>" in html
        captions = re.findall(r"<(?:caption|figcaption)>(.*?)</(?:caption|figcaption)>", html)
        assert len(captions) > 30
        assert all(label in caption for caption in captions)
        assert all(image["alt"] for image in found.all("img"))
        assert all(header["scope"] for header in found.all("th"))
        targets = {attributes["id"] for _, attributes in found.tags if "id" in attributes}
        links = [link["href"] for link in found.all("a")]
        assert {link[1:] for link in links if link.startswith("#")} <= targets
        assert f"{Texts(language).other}.html" in links
        assert f"{Texts(language).other}.html#table-1" in links, "the same exhibit in the other language"
        labels = [tag["aria-label"] for name, tag in found.tags if name == "nav"]
        assert len(set(labels)) == len(labels) == 2
        regions = [tag for _, tag in found.tags if tag.get("class") == "scroll"]
        assert all(tag["tabindex"] == "0" and tag["role"] == "region" and tag["aria-label"] for tag in regions)
        files = {image["src"].removeprefix("figures/") for image in found.all("img")}
        assert files <= set(first), "figures lie beside the page"
        assert all(image["loading"] == "lazy" and int(image["width"]) > 0 for image in found.all("img"))
        cited = {link.removeprefix("https://doi.org/") for link in links if link.startswith("https://doi.org/")}
        assert cited == set(re.findall(r"doi = {(.*)}", first["references.bib"].decode()))
        assert len(html) < 1_000_000
        assert "&lt;with&gt;" in html or language == "zh"
    missed = Page(first["zh.html"].decode().partition('<ul class="references">')[0]).words
    assert not [w for w in missed if re.search(r"[a-z]{4,} [a-z]{3,} [a-z]{3,}", w)], "English on the Chinese page"


ONE_CLUSTER = packed([remark("one_cluster")])


CASES = {
    "survey_only": (("survey",), survey_rows() + scale_rows()),
    "panel_only": (("panel",), panel_rows() + roll_out_rows()),
    "cohort_only": (("cohort",), cohort_rows()),
    "model_failed": (
        ("survey",),
        [r for r in survey_rows() if r["table"] in ("items", "reliability")]
        + [{"table": "remarks", "model": "mechanisms", "term": "mechanisms", "quantity": "failed", "note": SINGULAR}
           | {"sample": "survey", "stage": "structure"}],
    ),
    "group_not_estimable": (
        ("panel",),
        [r for r in panel_rows() if not (r["table"] == "slopes" and "social" in r["group"])]
        + [{"table": "slopes", "group": "platform_type: social", "quantity": "raw", "note": ONE_CLUSTER}
           | {"model": "identification_next", "sample": "panel", "stage": "panel"}],
    ),
    "nothing_estimated": (
        ("panel",),
        [{"table": "remarks", "quantity": "left_out", "note": LACKING, "sample": "panel", "stage": "panel"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_can_be_made_of_any_results(project: Project, case: str, language: str) -> None:
    kinds, rows = CASES[case]
    data_set(project, case, kinds, rows)
    html = in_process(case, language)
    texts = Texts(language)
    assert texts("simulated.banner") not in html
    assert texts("verdict.not_testable" if kinds == ("cohort",) else "verdict.supported") in html
    assert not leaks(html)
    for kind in {"survey", "panel"} - set(kinds):
        assert texts(f"sentence.no_{kind}") in html
    if case == "group_not_estimable":
        assert texts.remarks(ONE_CLUSTER) in html
    if case == "model_failed":
        assert texts("chapter.structure.none") in html
        assert texts.remarks(SINGULAR) in html


def test_what_leaks_is_seen() -> None:
    leaking = ("np.int64(7)", "Timestamp('2024')", "nan", "<NA>", "None", "'U000876'", "r = -0.07", "(-1.2)", "-.05")
    for words in (*leaking, "1e+06"):
        assert leaks(f"<p>{words.replace('<', '&lt;')}</p>"), words
    for words in ("r = −0.07", "2018-08-28", "doi:10.1007/s11747-014-0403-8", "None of them", "user-based", "19-24"):
        assert not leaks(f"<p>{words}</p>"), words


def asked_for(file: str) -> set[str]:
    """The functions of other modules that a file names, as `module.function`."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {f"{node.value.id}.{node.attr}" for node in found}


def test_every_exhibit_that_has_a_name_stands_on_the_page() -> None:
    """What somebody can ask for by name, a reader of the page finds there."""
    modules = {path.stem for room in ("tables", "figures") for path in (ROOT / "reports" / room).glob("*.py")}
    modules |= {"curves", "universes"}
    named = {name for name in asked_for("reports/named.py") if name.partition(".")[0] in modules}
    assert len(named) > 60
    assert named - asked_for("reports/notebooks/data_set.py") == set()

"""The pages: simulated data labelled, the same bytes twice, every exhibit of any results, links that lead somewhere."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import jupytext
import numpy as np
import pandas as pd
import pytest
from dvc_render import VegaRenderer, render_html
from markupsafe import Markup

from models import specs
from models.remarks import packed, remark
from pipeline.cards.parts import Group
from pipeline.core import results
from pipeline.stages import page, site
from reports import pages as whole
from reports import plots, reading
from reports.exhibits import Band, Table, table_html
from reports.figures.path_diagram import places
from reports.figures.theme import Decimals
from reports.figures.theory import arrows
from reports.pages import NOTEBOOK
from reports.tables import effects, invariance, measurement, regressions, verdicts
from reports.texts import LANGUAGES, Texts
from tests.conftest import ROOT, Project, text
from tests.report_results import data_set, verdict_rows
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


class Page(HTMLParser):
    """What a test asks of a page: links, pictures, headers, words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.quiet = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        self.quiet += tag in ("style", "code", "script")

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("style", "code", "script")

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def in_process(name: str, language: str) -> str:
    """The notebook's output without a kernel: every last expression of a cell."""
    space: dict = {}
    shown = []
    for cell in jupytext.read(NOTEBOOK).cells:
        if "parameters" in cell.metadata.get("tags", []):
            space |= {"data_set": name, "language": language}
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.source, "exec"), space)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), cell.source, "eval"), space).data)
    return "\n".join(shown)


def test_no_two_constructs_stand_in_the_same_place() -> None:
    found = places(
        ["value", "trust", "identification", "stickiness", "loyalty", "transaction", "habit", "switching_cost"]
    )
    spots = np.array(list(found.values()))
    gaps = np.hypot(*(spots[:, None] - spots[None]).T) + 9 * np.eye(len(spots))
    assert gaps.min() > 1


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_a_simulated_data_set_is_labelled_wherever_it_shows_and_pages_are_the_same_twice(
    here: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = survey_rows() + scale_rows() + panel_rows() + roll_out_rows() + cohort_rows() + recovery_rows()
    data_set(here, "made_up", ("survey", "panel", "cohort"), rows, simulated=True)
    pages = here.folder / "results/pages/made_up"
    page.run("made_up")
    first = {path.name: path.read_bytes() for path in sorted(pages.rglob("*")) if path.is_file()}
    monkeypatch.setattr(whole, "LANGUAGES", ("en",))
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
        assert found.all("link") == found.all("script") == []
        assert not re.search(r"https?://(?!doi\.org/)|file:/|" + re.escape(str(here.folder)), html)
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
    missed = Page(first["zh.html"].decode()).words
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
def test_a_page_can_be_made_of_any_results(here: Project, case: str, language: str) -> None:
    kinds, rows = CASES[case]
    data_set(here, case, kinds, rows)
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


def leaks(html: str) -> list[str]:
    """Words of a page that a program wrote and not a writer: reprs, missing values, hyphens for minus signs."""
    python = (
        r"\bnp\.\w|\de[+-]\d|Timestamp\(|array\(|<NA>|\bnan\b|\bNone\b(?! of)|'[A-Za-z]*\d{3,}'|(?<![\w.\])+-])-\.?\d"
    )
    shown = [*Page(html).words, *(image["alt"] for image in Page(html).all("img"))]
    return [words for words in shown if re.search(python, words)]


def test_what_leaks_is_seen() -> None:
    leaking = ("np.int64(7)", "Timestamp('2024')", "nan", "<NA>", "None", "'U000876'", "r = -0.07", "(-1.2)", "-.05")
    for words in (*leaking, "1e+06"):
        assert leaks(f"<p>{words.replace('<', '&lt;')}</p>"), words
    for words in ("r = −0.07", "2018-08-28", "doi:10.1007/s11747-014-0403-8", "None of them", "user-based", "19-24"):
        assert not leaks(f"<p>{words}</p>"), words


@pytest.mark.parametrize(
    ("asked", "cell", "said"),
    [({"style": "apa"}, "0.012<br><small>(0.010)</small><br><small>[", "No stars"),
     ({"style": "glsj"}, "0.012*<br><small>(0.010)</small>", "* p < .10, ** p < .05, *** p < .01"),
     ({"style": "misq", "stars": [], "digits": 2}, "0.012<br><small>(0.010)</small><br><small>p = .07", "p. No")],
)  # fmt: skip
def test_a_table_is_printed_in_the_style_of_a_journal(here: Project, asked: dict, cell: str, said: str) -> None:
    rows = [row for row in panel_rows() if not (row["table"] == "slopes" and row["group"] != "all")]
    for row in rows:
        row |= {"pvalue": 0.07, "se": 0.01} if row["table"] == "slopes" else {}
    data_set(here, "styled", ("panel",), rows)
    here.parameters(report={"style": "", "stars": None, "digits": None, "intervals": None} | asked)
    table = regressions.regressions(reading.read("styled"), Texts("en"))[0]
    assert str(table.rows[0][1]).startswith(cell)
    assert said in " ".join(table.notes)


def test_a_column_without_content_is_not_shown() -> None:
    rows: list = [Band("model"), ["a", "1", "", "–"], ["b", "2", "", "x"]]
    html = table_html(Table("t", "", ["name", "n", "remark", "more"], ["text"] * 4, rows, []), Markup(""))
    assert [words for words in Page(str(html)).words if words.strip()] == [
        "name", "n", "more", "model", "a", "1", "–", "b", "2", "x"
    ]  # fmt: skip
    assert 'colspan="3"' in html


def test_ticks_of_an_axis_have_the_same_decimals() -> None:
    ticks = Decimals()
    assert ticks.format_ticks([-0.1, -0.05, 0, 0.05]) == ["−0.10", "−0.05", "0.00", "0.05"]
    assert ticks.format_ticks([0, 0.025, 0.05]) == ["0.000", "0.025", "0.050"]
    assert ticks.format_ticks([0.0, 1000.0, 2000.0]) == ["0", "1,000", "2,000"]


def test_the_picture_of_the_theory_has_every_arrow_of_the_main_model() -> None:
    """The specification names effects by label: h1a, h2, h5b, direct_trust."""
    declared = [line.split("#")[0] for line in specs.structural_specs()["mechanisms"].splitlines()]
    wanted = {"paths": set(), "loops": set(), "direct": set()}
    for line in (line for line in declared if "~" in line):
        effect, _, causes = line.replace("~~", "~").partition("~")
        for cause in causes.split("+"):
            label, star, name = cause.strip().partition("*")
            ends = (name.strip(), effect.strip())
            if "~~" in line:
                wanted["loops"].add(frozenset(ends))
            elif star:
                wanted["direct" if label.startswith("direct_") else "paths"].add(ends)
    drawn = arrows()
    assert set(drawn.paths) == wanted["paths"] | {("stickiness", "loyalty")}
    assert set(drawn.direct) == wanted["direct"]
    assert {frozenset(ends) for ends in drawn.loops} == wanted["loops"]
    assert set(drawn.chains) == {"value", "trust", "participation"}


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "The card of the data set sets"), ("zh", "由该数据集的数据卡规定")]
)
def test_a_page_states_its_resamples_and_who_set_them(here: Project, language: str, sentence: str) -> None:
    data_set(here, "demo", ("survey",), survey_rows())
    texts, report = Texts(language), reading.read("demo")
    notes = {table.name: str(table.notes) for table in measurement.validity(report, texts) if isinstance(table, Table)}
    assert "750" in notes["validity"]
    assert sentence not in notes["validity"]
    report.card.raw["resamples"] = {"measure": 750}
    own = next(table for table in measurement.validity(report, texts) if table.name == "validity")
    assert sentence in str(own.notes)
    assert sentence not in str(effects.effects(report, texts)[0].notes), "those of structure are the default"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_where_the_card_of_simulated_answers_spares_comparisons(here: Project, language: str) -> None:
    data_set(here, "demo", ("survey",), scale_rows())
    texts, report = Texts(language), reading.read("demo")
    sentence = texts("note.ordered_groups")
    assert not any(sentence in table.notes for table in invariance.ladder(report, texts))
    report.card.raw["ordered_groups"] = ["generation"]
    assert [table.name for table in invariance.ladder(report, texts) if sentence in table.notes] == [
        "invariance_ordered"
    ]


def test_pairs_of_groups_follow_the_card_and_turn_with_it(here: Project) -> None:
    data_set(here, "demo", ("panel",), panel_rows())
    report = reading.read("demo")
    levels = {"1": "young", "2": "middle", "3": "old"}
    report.card.panel.groups["age"] = Group(column="age", levels=levels)
    size = {"table": "pairs", "definition": "holm_pairs", "se": 0.1, "hypothesis": ""}
    rows = pd.DataFrame(
        [
            {"group": "middle − old", "estimate": 0.1, "statistic": 1.0, "ci_lower": -0.1, "ci_upper": 0.3} | size,
            {"group": "middle − young", "estimate": 0.2, "statistic": 2.0, "ci_lower": 0.0, "ci_upper": 0.4} | size,
            {"group": "old − young", "estimate": 0.1, "statistic": 1.0, "ci_lower": -0.1, "ci_upper": 0.3} | size,
        ]
    )
    turned = report.in_order(rows)
    assert turned["group"].tolist() == ["young − middle", "young − old", "middle − old"]
    assert turned["estimate"].tolist() == [-0.2, -0.1, 0.1]
    assert turned["ci_lower"].tolist() == [-0.4, -0.3, -0.1]


def test_the_interval_of_an_equivalence_test_says_that_it_is_one_of_90_percent() -> None:
    rows = verdict_rows("demo", False, {"H12": "supported", "H2": "supported", "H5a": "supported"})
    report = SimpleNamespace(kinds=["panel"], verdicts=rows, table=lambda *_, **__: pd.DataFrame())
    for language in LANGUAGES:
        table = verdicts.verdicts(report, Texts(language))[0]
        interval, n = {row[0]: row[7] for row in table.rows}, {row[0]: row[10] for row in table.rows}
        assert "90%" in interval["H12"]
        assert "90%" not in interval["H2"]
        assert n["H2"] == "400"
        assert n["H5a"] == Texts(language)("punctuation.users", n="400")


SLOPE = {"model": "stickiness_next", "term": "lag(identification)", "estimate": 0.21, "ci_lower": 0.1, "ci_upper": 0.3,
         "pvalue": 0.001, "n": 500}  # fmt: skip


def summary(name: str, simulated: bool) -> dict:
    verdicts = verdict_rows(name, simulated, {"H1a": "supported"})
    verdicts = verdicts.astype(object).where(verdicts.notna(), None)
    verdicts["holds"] = None
    if simulated:
        verdicts = verdicts.assign(
            holds=[0 if h == "H1b" else 1 if h == "H1a" else None for h in verdicts["hypothesis"]]
        )
        verdicts.loc[verdicts["hypothesis"] == "H1b", "verdict"] = "supported"
        verdicts["holds"] = verdicts["holds"].astype(object).where(verdicts["holds"].notna(), None)
    return {
        "data_set": name, "title": text(f"The set {name}"), "row": text("one row"), "simulated": simulated,
        "kinds": ["survey"], "n": {"survey": 400}, "verdicts": verdicts.to_dict("records"),
        "slopes": [SLOPE | {"platform": platform} for platform in ("social", "content")],
        "recovery": {"parameters": 40 * simulated, "covered": 38 * simulated}, "licence": "MIT", "doi": "",
        "citation": "Nobody (2020).",
    }  # fmt: skip


def test_the_front_page_keeps_simulated_data_apart_and_its_links_lead_somewhere(here: Project) -> None:
    for name, simulated in (("real", False), ("other", False), ("made_up", True)):
        folder = here.folder / "results/pages" / name
        folder.mkdir(parents=True)
        (folder / "summary.json").write_text(json.dumps(summary(name, simulated)), encoding="utf-8")
        for language in LANGUAGES:
            (folder / f"{language}.html").write_text("<p>page</p>", encoding="utf-8")
    results.publish(results.table([]), here.folder / "results/synthesis")
    site.run(["made_up", "real", "other"])
    report = here.folder / "results/report"
    for front, language in (("index.html", "en"), ("index.zh.html", "zh")):
        html = (report / front).read_text(encoding="utf-8")
        evidence, check = html.split('<section class="simulated">')
        matrix = evidence[: evidence.index('id="theory"')]
        assert "The set real" in matrix
        assert "made_up" not in matrix
        compared = evidence[evidence.index('id="comparison"') : evidence.index('id="data_sets"')]
        assert "● 0.21" in compared
        assert "made_up" not in compared
        assert "β = <span" in matrix
        assert "[0.21, 0.49]" in matrix
        assert Texts(language)("site.untested", k="20", n="21") in matrix
        assert Texts(language)("site.trials.right", k="1", n="2", withheld="0") in check
        assert Texts(language)("simulated.caption") in check
        assert "95%" in check
        assert not leaks(html)
        assert not re.search(r'(?:src|<link[^>]*href)="https?:|url\(', html)
        for link in Page(html).all("a"):
            outside = link["href"].startswith(("https://doi.org/", "https://www.hanspub.org/"))
            assert outside or link["href"].startswith("#") or (report / link["href"]).exists(), link
    written = (report / "index.html").read_bytes()
    site.run(["made_up", "real", "other"])
    assert (report / "index.html").read_bytes() == written


def test_plots_of_dvc_need_no_network(tmp_path: Path) -> None:
    template = tmp_path / "template.html"
    template.write_text(plots.template(), encoding="utf-8")
    points = plots.counts([summary("made_up", True)]).astype(str).assign(rev="workspace").to_dict("records")
    drawing = str(ROOT / "reports/templates/verdicts.json")
    plot = VegaRenderer(points, "verdicts.csv", template=drawing, x="count", y="data_set", title="Verdicts")
    html = Path(render_html([plot], tmp_path / "out.html", html_template=str(template))).read_text(encoding="utf-8")
    assert "made_up (survey, simulated)" in html
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", html)
    assert html.count("<script") == html.count("</script>") == 3
    assert "window.vegaEmbed" in html
    assert not re.search(r"\{(?:scripts|plot_divs|refresh_tag)\}", html)

"""The front page: simulated data apart, links that lead somewhere; the plots of DVC beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from dvc_render import VegaRenderer, render_html

from pipeline.core import results
from pipeline.stages import site
from reports import plots
from reports.texts import LANGUAGES, Texts
from tests.conftest import ROOT, Project
from tests.pages_read import Page, leaks
from tests.report_results import summary


def test_the_front_page_keeps_simulated_data_apart_and_its_links_lead_somewhere(
    vega: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plots, "vega", lambda: vega)
    for name, simulated in (("real", False), ("other", False), ("made_up", True)):
        folder = project.folder / "results/pages" / name
        folder.mkdir(parents=True)
        (folder / "summary.json").write_text(json.dumps(summary(name, simulated)), encoding="utf-8")
        for language in LANGUAGES:
            (folder / f"{language}.html").write_text("<p>page</p>", encoding="utf-8")
    results.publish(results.table([]), project.folder / "results/synthesis")
    site.run(["made_up", "real", "other"])
    report = project.folder / "results/report"
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
    pages = [report / "index.html", project.folder / "results/plots/template.html"]
    written = [path.read_bytes() for path in pages]
    monkeypatch.setattr(plots, "vega", lambda: "put together again")
    site.run(["made_up", "real", "other"])
    assert [path.read_bytes() for path in pages] == written


@pytest.fixture(scope="module")
def vega() -> str:
    return plots.vega()


def test_plots_of_dvc_need_no_network(vega: str, tmp_path: Path) -> None:
    template = tmp_path / "template.html"
    template.write_text(plots.template(vega), encoding="utf-8")
    points = plots.counts([summary("made_up", True)]).astype(str).assign(rev="workspace").to_dict("records")
    drawing = str(ROOT / "reports/templates/verdicts.json")
    plot = VegaRenderer(points, "verdicts.csv", template=drawing, x="count", y="data_set", title="Verdicts")
    html = Path(render_html([plot], tmp_path / "out.html", html_template=str(template))).read_text(encoding="utf-8")
    assert "made_up (survey, simulated)" in html
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", html)
    assert html.count("<script") == html.count("</script>") == 3
    assert "window.vegaEmbed" in html
    assert not re.search(r"\{(?:scripts|plot_divs|refresh_tag)\}", html)

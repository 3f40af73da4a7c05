"""The pages of one data set: executed notebooks, converted, with figures as files and a summary for the front page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import TemplateExporter

from pipeline.core import paths
from reports import beside, comparison, execution, numbers, reading, references, rendering
from reports.exhibits import Page
from reports.reading import Report
from reports.tables import sample
from reports.tables.verdicts import MARKS
from reports.texts import HTML_LANG, Texts, front_link

HERE = Path(__file__).parent
NOTEBOOK = HERE / "notebooks" / "data_set.py"
BIBLIOGRAPHY = "references.bib"
_FIGURE = re.compile(r'data-figure="([^"]+)"([^>]*?) src="data:image/svg\+xml;base64,[^"]+"')
_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>')


def write(data_set: str, language: str, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Write the page of a data set in one language, its notebook and its figures into `folder`.

    Returns
    -------
    What is listed of every exhibit, and the keys of the definitions that they refer to.
    """
    executed = execution.notebook(NOTEBOOK, {"data_set": data_set, "language": language})
    space = execution.execute(executed)
    page, texts = space["page"], Texts(language)
    (folder / f"{language}.html").write_text(html(space["report"], executed, texts), encoding="utf-8")
    (folder / f"{language}.ipynb").write_text(nbformat.writes(executed) + "\n", encoding="utf-8")
    for _, exhibit in page.shown:
        for kind, text in exhibit.files.items():
            (folder / beside.file(exhibit.name, kind, texts)).write_text(text, encoding="utf-8")
    return listed(page), page.defined


def write_facts(data_set: str, exhibits: list[dict[str, Any]], defined: list[str], folder: Path) -> None:
    """Write what both pages share into `folder`: the works cited, the summary, the list of exhibits."""
    report = reading.read(data_set)
    (folder / BIBLIOGRAPHY).write_text(references.bibtex(references.cited(report, defined)), encoding="utf-8")
    for name, content in (("summary", summary(report)), ("exhibits", exhibits)):
        text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def listed(page: Page) -> list[dict[str, Any]]:
    """Every exhibit with the program that made it and the stages that its numbers come from."""
    return [
        {"exhibit": label, "name": of.name, "caption": of.caption, "program": of.program, "stages": list(of.stages)}
        for label, of in page.shown
    ]


def html(report: Report, executed: nbformat.NotebookNode, texts: Texts) -> str:
    """The page of an executed notebook; its figures lie beside it and are read when a reader comes to them."""
    exporter = TemplateExporter(
        template_name="page", extra_template_basedirs=[str(HERE / "templates")], file_extension=".html"
    )
    body, _ = exporter.from_notebook_node(executed, resources={"page": _frame(report, texts)})
    body = _FIGURE.sub(lambda found: f'{found[2]} loading="lazy" src="{beside.file(found[1], "svg", texts)}"', body)
    levels = {"2": "", "3": ' class="part"'}
    entries = [f'<li{levels[at]}><a href="#{name}">{title}</a></li>' for at, name, title in _HEADING.findall(body)]
    return body.replace("<!-- contents -->", "\n".join(entries))


def _frame(report: Report, texts: Texts) -> dict[str, Any]:
    """What the template prints around the notebook."""
    return rendering.acting(texts) | {
        "lang": HTML_LANG[texts.language],
        "data_set": report.id,
        "stages": [*report.records, "page"],
        "costs": json.dumps({name: texts(f"costs.{name}") for name in ("title", "stage", "seconds", "memory", "all")}),
        "style": (HERE / "templates" / "style.css").read_text(encoding="utf-8"),
        "title": texts.pick(report.card.title),
        "head": _in_css(texts.pick(report.card.title)),
        "quick": texts("quick.banner") if paths.QUICK else "",
        "banner": texts("simulated.banner") if report.simulated else "",
        "lines": [
            texts("page.counts", kind=texts(f"kind.{kind}"), counts=counts(report, kind, texts))
            for kind in report.kinds
        ],
        "contents": texts("page.contents"),
        "front": texts("page.front"),
        "front_link": front_link(texts.language, "../"),
        "switch": Texts(texts.other)("language.switch"),
        "switch_link": f"{texts.other}.html",
        "switch_lang": HTML_LANG[texts.other],
        "made": texts("page.made") + texts("punctuation.space") + texts("page.figures"),
        "notebook": texts("page.notebook"),
        "bibliography": texts("page.bibliography"),
        "bibliography_link": BIBLIOGRAPHY,
        "site": texts("page.site"),
        "skip": texts("page.skip"),
        "notebook_link": f"{texts.language}.ipynb",
    }


def _in_css(text: str) -> str:
    """A text between the quotation marks of a style sheet: whatever could end it is written by its number."""
    return re.sub(r"[^\w ().,·–-]", lambda found: f"\\{ord(found[0]):x} ", text)


def counts(report: Report, kind: str, texts: Texts) -> str:
    """`n = 344; answers of 8% doubted; 4 supported, 2 inconclusive, 15 not testable`."""
    verdicts = report.verdicts[report.verdicts["kind"] == kind]["verdict"].value_counts()
    parts = [f"{verdicts[v]} {texts('verdict.' + v)}" for v in MARKS if v in verdicts.index]
    size = report.size(kind)
    first = [texts("site.n", n=numbers.count(size))] if size is not None else []
    doubted = report.table("quality", term="doubtful", quantity="share")["estimate"]
    if kind == "survey" and len(doubted) and not numbers.missing(doubted.iloc[0]):
        first.append(texts("site.doubted", share=numbers.percent(doubted.iloc[0], 0)))
    return texts("punctuation.clauses").join([*first, texts.listing(parts)])


def summary(report: Report) -> dict[str, Any]:
    """What the front page says about a data set, in both languages where it is text."""
    card = report.card
    columns = ["hypothesis", "kind", "verdict", "detail", "standardised", "zero_lower", "zero_upper"]
    columns += ["estimate", "pvalue_holm"]
    verdicts = report.verdicts[columns].astype(object).where(report.verdicts[columns].notna(), None)
    recovered = report.table("recovery")["quantity"]
    exposed = report.table("exposure")
    named = exposed[exposed["estimate"] == 1].groupby(["hypothesis", "sample"])["term"].agg(list)
    truth = report.table("known_truth").set_index(["hypothesis", "sample"])["estimate"]
    for row in (judged := verdicts.to_dict("records")):
        row["threats"] = named.get((row["hypothesis"], row["kind"]), [])
        row["holds"] = truth.get((row["hypothesis"], row["kind"]))
    return {
        "data_set": card.id,
        "title": card.title,
        "row": card.row,
        "simulated": card.simulated,
        "kinds": report.kinds,
        "n": {kind: report.size(kind) for kind in report.kinds},
        "verdicts": judged,
        "roll_outs": {name: entry.label for name, entry in getattr(card.panel, "treatments", {}).items()},
        "slopes": comparison.slopes(report),
        "recovery": {"parameters": len(recovered), "covered": int((recovered == "covered").sum())},
        "caution": next(iter(card.cautions), None),
        "licence": card.source.licence,
        "citation": {language: sample.cited(card.source, Texts(language)) for language in HTML_LANG},
        "doi": card.source.doi,
    }

"""The models behind exhibits as the programs read them: lavaan syntax and formulas, cut to what was measured."""

from __future__ import annotations

from models import specs
from models.panel.language import editing
from reports import families
from reports.reading import Report
from reports.texts import Texts

MAIN = specs.MAIN


def of(exhibit: str, report: Report, texts: Texts) -> str:
    """The models of an exhibit; empty where it shows none."""
    return families.said(WRITTEN, exhibit, report, texts)


def main(report: Report, texts: Texts, _: str) -> str:
    """The main model of the survey, with its estimator."""
    return _structural(report, texts, {MAIN: specs.structural_specs()[MAIN]}, "fit")


def fitted(report: Report, texts: Texts, _: str) -> str:
    """Every structural model that was fitted."""
    return _structural(report, texts, specs.structural_specs(), "fit")


def measured(report: Report, texts: Texts, _: str) -> str:
    """One factor a scale."""
    rows = report.table("cfa_loadings", quantity="std_all").drop_duplicates(["term", "group"])
    scales = rows.groupby("term", sort=False)["group"]
    return "\n".join(f"{scale} =~ {' + '.join(items)}" for scale, items in scales)


def regressions(report: Report, texts: Texts, _: str) -> str:
    """Every specification of the panel that was estimated."""
    there = set(report.table("slopes")["model"])
    found = [_formula(report, texts, name) for name in specs.panel_specs() if name in there]
    return "\n\n".join(filter(None, found))


def regression(report: Report, texts: Texts, model: str) -> str:
    """One specification of the panel."""
    return _formula(report, texts, model) if model in specs.panel_specs() else ""


def _structural(report: Report, texts: Texts, texts_of: dict[str, str], table: str) -> str:
    """Specifications cut to the scales of the card; only those whose items are the ones that were estimated."""
    if "survey" not in report.kinds:
        return ""
    scales = report.card.questionnaire.scales
    loaded = report.table("loadings", quantity="std_all")
    there, found = set(report.table(table)["model"]), []
    for name, spec in texts_of.items():
        if name not in there:
            continue
        built = specs.structural(spec, scales)
        terms = set(loaded[loaded["model"] == name]["term"])
        said = {f"{scale} =~ {item}" for scale, items in built.scales.items() for item in items}
        if built.syntax and said <= terms:
            found.append(f"# {texts.model(name)}\n{built.syntax}")
    used = report.records.get("structure", {}).get("parameters", {}).get("structure", {})
    how = [f"{key}: {used[key]}" for key in ("estimator", "missing") if key in used]
    return "\n\n".join([*found, *([f"# {', '.join(how)}"] if how and found else [])])


def _formula(report: Report, texts: Texts, name: str) -> str:
    """A formula of the measures at hand, what is held fixed, by whom the errors are clustered."""
    spec = specs.panel_specs()[name]
    formula, _ = specs.panel_formula(spec, _measures(report))
    if not formula:
        return ""
    said = [f"estimator: {spec.estimator}", f"effects: {spec.effects}", f"cluster: {spec.cluster}"]
    return f"# {texts.model(name)}\n{formula}\n# {', '.join(said)}"


def _measures(report: Report) -> set[str]:
    """Measures of the card, and all that the estimates are about."""
    estimated = report.table("slopes")["term"].unique()
    found = {*report.table("panel_descriptives")["term"], *report.table("remarks", quantity="measured")["term"]}
    found |= {column for term in estimated if term for column in editing.used(f"y ~ {term}")} - {"y"}
    return found | set(report.card.panel.measures if report.card.panel else ())


WRITTEN: families.Sayings = {
    "path_diagram": main,
    "fit": fitted,
    "factor_model": measured,
    "regressions": regressions,
    "slopes_*": regression,
}

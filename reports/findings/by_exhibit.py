"""Exhibit → the sentence that says what it shows."""

from __future__ import annotations

from reports import families
from reports.findings import measurement, panel, rivals, structure, verdicts
from reports.reading import Report
from reports.texts import Texts

FINDINGS: families.Sayings = {
    "quality": measurement.doubted,
    "items": measurement.loadings,
    "factor_model": structure.confirmatory,
    "reliability": measurement.convergent,
    "correlations": measurement.discriminant,
    "validity": measurement.discriminant,
    "htmt": measurement.discriminant,
    "fit": structure.fit,
    "paths": structure.paths,
    "path_diagram": structure.paths,
    "effects": structure.indirect,
    "detectable": structure.detectable,
    "sensitivity": structure.shift,
    "specification_curve": structure.combinations,
    "specification_summary": structure.combinations,
    "carried": structure.carried,
    "rivals": rivals.rivals,
    "groups_*": structure.groups,
    "panel_descriptives": panel.described,
    "regressions": panel.slopes,
    "slopes_*": panel.slopes,
    "estimators": panel.estimators,
    "placebo": panel.placebo,
    "influence": panel.few_users,
    "slopes_without": panel.one_platform,
    "confounding": panel.confounding,
    "coverage": verdicts.recovered,
    "verdicts_*": verdicts.counted,
    "null_*": verdicts.if_nothing_were_true,
}


def of(exhibit: str, report: Report, texts: Texts) -> str:
    """The sentence of an exhibit; empty where there is nothing to say."""
    return families.said(FINDINGS, exhibit, report, texts)

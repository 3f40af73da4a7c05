"""The exhibits of a page by the name under which somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reports.exhibits import Figure, Table
from reports.figures import multiverse as universes
from reports.figures import robustness as curves
from reports.reading import Report
from reports.tables import (
    accounts,
    alignment,
    choices,
    closed_loop,
    codebook,
    cohort,
    correlations,
    dimensions,
    effects,
    factor_model,
    invariance,
    measurement,
    misfit,
    moderation,
    multiverse,
    panel,
    panel_descriptives,
    panel_robustness,
    power,
    provenance,
    quality,
    regressions,
    robustness,
    sample,
    structure,
    treatments,
    verdicts,
)
from reports.texts import Texts

Made = Callable[[Report, Texts], Sequence[Table | Figure]]

EXHIBITS: dict[str, Made] = {
    "verdicts": verdicts.verdicts,
    "facts": sample.facts,
    "proxies": sample.proxies,
    "flow": sample.flow,
    "profile": sample.profile,
    "quality": quality.flags,
    "items": measurement.items,
    "regressions": regressions.regressions,
    "factor_model": factor_model.loadings,
    "reliability": measurement.reliability,
    "correlations": correlations.correlations,
    "validity": measurement.validity,
    "misfit": misfit.misfit,
    "dimensionality": dimensions.dimensionality,
    "method": dimensions.method,
    "invariance": invariance.ladder,
    "means": invariance.means,
    "alignment": alignment.alignment,
    "diagram": structure.diagram,
    "fit": structure.fit,
    "paths": structure.paths,
    "effects": effects.effects,
    "power": power.detectable,
    "sensitivity": quality.sensitivity,
    "curve": curves.curve,
    "combinations": robustness.combinations,
    "multiverse": universes.multiverse,
    "joint": multiverse.joint,
    "left_out": curves.left_out,
    "interactions": structure.interactions,
    "necessity": structure.necessity,
    "rivals": structure.rivals,
    "accounts": accounts.accounts,
    "omitted_cause": accounts.omitted_cause,
    "groups": structure.groups,
    "effects_by_group": effects.by_group,
    "contrasts": lambda report, texts: [
        each for kind in ("survey", "panel") for each in structure.contrasts(report, texts, kind)
    ],
    "remarks": lambda report, texts: [
        each for kind in ("survey", "panel") for each in structure.remarks(report, texts, kind)
    ],
    "panel_descriptives": panel_descriptives.descriptives,
    "slopes": panel.slopes,
    "equality": panel.equality,
    "products": moderation.products,
    "traits": moderation.traits,
    "closed_loop": closed_loop.closed_loop,
    "estimators": panel_robustness.estimators,
    "errors": panel_robustness.errors,
    "own_past": panel_robustness.own_past,
    "placebo": panel_robustness.placebo,
    "confounding": panel_robustness.confounding,
    "instruments": moderation.instruments,
    "negative_controls": moderation.negative_controls,
    "differing_users": panel_robustness.differing_users,
    "influence": panel_robustness.influence,
    "dynamics": panel_robustness.dynamics,
    "roll_outs": treatments.roll_outs,
    "dropped": panel.dropped,
    "diagnostics": panel.diagnostics,
    "survival": cohort.curves,
    "hazards": cohort.hazards,
    "recovery": verdicts.recovery,
    "sources": provenance.sources,
    "codebook": codebook.codebook,
    "choices": choices.choices,
    "environment": provenance.environment,
}

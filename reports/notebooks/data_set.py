# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
data_set = "corp_rep"
language = "en"

# %% tags=["setup"]
from IPython.display import HTML

from reports import definitions, estimated, reading, references
from reports.exhibits import Page
from reports.figures import multiverse as universes
from reports.figures import robustness as curves
from reports.findings import by_exhibit
from reports.narrative import Narrative
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
    fit_cutoffs,
    invariance,
    measurement,
    misfit,
    moderation,
    multiverse,
    null,
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
from reports.texts import Texts, group_names

report = reading.read(data_set)
texts = Texts(language, group_names(report.card))
page = Page(report, texts, by_exhibit.of, estimated.of)
tell = Narrative(page)

# %%
HTML(tell.chapter("summary"))

# %%
HTML(tell.chapter("verdicts"))

# %% tags=["code"]
HTML(page.exhibits(verdicts.verdicts(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(power.tests(report, texts)))

# %% tags=["code"]
HTML(tell.on_demand("null", "null_verdicts"))

# %% tags=["code"]
HTML(page.exhibits(null.null(report, texts)))

# %%
HTML(tell.chapter("data"))

# %% tags=["code"]
HTML(page.exhibits(sample.facts(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(sample.proxies(report, texts)))

# %%
HTML(tell.chapter("sample"))

# %% tags=["code"]
HTML(page.exhibits(sample.flow(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(sample.profile(report, texts)))

# %%
HTML(tell.chapter("measurement"))

# %% tags=["code"]
HTML(page.exhibits(quality.flags(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(measurement.items(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(factor_model.loadings(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(measurement.reliability(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(correlations.correlations(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(measurement.validity(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(misfit.misfit(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(dimensions.dimensionality(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(dimensions.method(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(invariance.ladder(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(invariance.means(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(alignment.alignment(report, texts)))

# %%
HTML(tell.chapter("structure"))

# %% tags=["code"]
HTML(page.exhibits(structure.diagram(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.fit(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(fit_cutoffs.judged(report, texts, "survey")))

# %% tags=["code"]
HTML(page.exhibits(structure.paths(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(effects.effects(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(power.detectable(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(quality.sensitivity(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(curves.curve(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(robustness.combinations(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(curves.left_out(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(robustness.carried(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.interactions(report, texts) + structure.product_contrasts(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.necessity(report, texts)))

# %%
HTML(tell.second_opinion())

# %% tags=["code"]
HTML(page.exhibits(structure.rivals(report, texts) + accounts.accounts(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(accounts.omitted_cause(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.groups(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(effects.by_group(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.contrasts(report, texts, "survey")))

# %% tags=["code"]
HTML(page.exhibits(structure.remarks(report, texts, "survey")))

# %%
HTML(tell.chapter("panel"))

# %% tags=["code"]
HTML(page.exhibits(panel_descriptives.descriptives(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(regressions.regressions(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel.slopes(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel.equality(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.contrasts(report, texts, "panel")))

# %% tags=["code"]
HTML(page.exhibits(moderation.products(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(moderation.traits(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(closed_loop.closed_loop(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(fit_cutoffs.judged(report, texts, "panel")))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.estimators(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.errors(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.placebo(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.own_past(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.confounding(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(moderation.instruments(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(moderation.negative_controls(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.differing_users(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.influence(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.without_groups(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel_robustness.dynamics(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(treatments.roll_outs(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel.dropped(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(panel.diagnostics(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(structure.remarks(report, texts, "panel")))

# %%
HTML(tell.chapter("cohort"))

# %% tags=["code"]
HTML(page.exhibits(cohort.curves(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(cohort.hazards(report, texts)))

# %%
HTML(tell.chapter("recovery"))

# %% tags=["code"]
HTML(page.exhibits(verdicts.recovery(report, texts)))

# %%
HTML(tell.on_demand("multiverse", "multiverse"))

# %% tags=["code"]
HTML(page.exhibits(universes.multiverse(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(multiverse.joint(report, texts)))

# %%
HTML(tell.chapter("provenance"))

# %% tags=["code"]
HTML(page.exhibits(provenance.sources(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(codebook.codebook(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(provenance.exhibits(page)))

# %% tags=["code"]
HTML(page.exhibits(choices.choices(report, texts)))

# %% tags=["code"]
HTML(page.exhibits(provenance.environment(report, texts)))

# %%
HTML(tell.chapter("definitions"))

# %%
HTML(definitions.glossary(page.defined, texts))

# %%
HTML(tell.chapter("references"))

# %%
HTML(references.listed(references.cited(report, page.defined)))

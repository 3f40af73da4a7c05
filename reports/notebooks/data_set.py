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
    group_comparison,
    invariance,
    measurement,
    misfit,
    moderation,
    multiverse,
    necessary_conditions,
    null,
    panel,
    panel_descriptives,
    panel_robustness,
    power,
    products,
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
HTML(tell.part("measurement.answers", quality.flags(report, texts)))

# %% tags=["code"]
HTML(
    tell.part(
        "measurement.scales",
        measurement.items(report, texts),
        factor_model.loadings(report, texts),
        measurement.reliability(report, texts),
        correlations.correlations(report, texts),
        measurement.validity(report, texts),
        misfit.misfit(report, texts),
    )
)

# %% tags=["code"]
HTML(
    tell.part(
        "measurement.dimensions",
        dimensions.dimensionality(report, texts),
        dimensions.method(report, texts),
    )
)

# %% tags=["code"]
HTML(
    tell.part(
        "measurement.groups",
        invariance.ladder(report, texts),
        invariance.means(report, texts),
        alignment.alignment(report, texts),
    )
)

# %%
HTML(tell.chapter("structure"))

# %% tags=["code"]
HTML(
    tell.part(
        "structure.main",
        structure.diagram(report, texts),
        structure.fit(report, texts),
        fit_cutoffs.judged(report, texts, "survey"),
        structure.paths(report, texts),
        effects.effects(report, texts),
    )
)

# %% tags=["code"]
HTML(
    tell.part(
        "structure.robustness",
        power.detectable(report, texts),
        quality.sensitivity(report, texts),
        curves.curve(report, texts),
        robustness.combinations(report, texts),
        curves.left_out(report, texts),
        robustness.carried(report, texts),
    )
)

# %% tags=["code"]
HTML(
    tell.part(
        "structure.products",
        products.interactions(report, texts),
        products.product_contrasts(report, texts),
        necessary_conditions.necessity(report, texts),
    )
)

# %%
HTML(tell.second_opinion())

# %% tags=["code"]
HTML(
    tell.part(
        "structure.rivals",
        structure.rivals(report, texts),
        accounts.accounts(report, texts),
        accounts.omitted_cause(report, texts),
    )
)

# %% tags=["code"]
HTML(
    tell.part(
        "structure.groups",
        group_comparison.groups(report, texts),
        effects.by_group(report, texts),
        group_comparison.contrasts(report, texts, "survey"),
    )
)

# %% tags=["code"]
HTML(tell.part("structure.left_out", structure.remarks(report, texts, "survey")))

# %%
HTML(tell.chapter("panel"))

# %% tags=["code"]
HTML(tell.part("panel.held", panel_descriptives.descriptives(report, texts)))

# %% tags=["code"]
HTML(tell.part("panel.main", regressions.regressions(report, texts), panel.slopes(report, texts)))

# %% tags=["code"]
HTML(tell.part("panel.groups", panel.equality(report, texts), group_comparison.contrasts(report, texts, "panel")))

# %% tags=["code"]
HTML(tell.part("panel.products", moderation.products(report, texts), moderation.traits(report, texts)))

# %% tags=["code"]
HTML(
    tell.part(
        "panel.loop",
        closed_loop.closed_loop(report, texts),
        fit_cutoffs.judged(report, texts, "panel"),
    )
)

# %% tags=["code"]
HTML(
    tell.part(
        "panel.robustness",
        panel_robustness.estimators(report, texts),
        panel_robustness.errors(report, texts),
        panel_robustness.placebo(report, texts),
        panel_robustness.own_past(report, texts),
        panel_robustness.confounding(report, texts),
        moderation.instruments(report, texts),
        moderation.negative_controls(report, texts),
        panel_robustness.differing_users(report, texts),
        panel_robustness.influence(report, texts),
        panel_robustness.without_groups(report, texts),
        panel_robustness.dynamics(report, texts),
    )
)

# %% tags=["code"]
HTML(tell.part("panel.roll_outs", treatments.roll_outs(report, texts)))

# %% tags=["code"]
HTML(
    tell.part(
        "panel.checks",
        panel.dropped(report, texts),
        panel.diagnostics(report, texts),
        structure.remarks(report, texts, "panel"),
    )
)

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

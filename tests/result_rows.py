"""Rows of results as the stages write them, small and of every kind: what a page can be made of."""

from __future__ import annotations

import numpy as np

from models import theory
from models.remarks import Remark, packed, remark

CHAIN = ("identification ~ value", "identification ~ trust", "identification ~ participation")


NOT_IDENTIFIED = packed([remark("cr_and_ave_not_applicable", why=remark("factor_of_two"))])


MEASURES = {
    "items": {"missing": 0.01, "mean": 4.2, "sd": 1.1, "skew": -0.2, "kurtosis": 0.1, "floor": 0.02, "ceiling": 0.1,
              "item_total": 0.6, "alpha_if_deleted": np.nan},
    "reliability": {"n_items": 2, "alpha": 0.8, "omega": np.nan, "cr": 0.81, "ave": 0.6, "mean_r": 0.6},
}  # fmt: skip


PAIR = remark("correlated_pair", a="trust", b="value", value=-1.624)


BEYOND = remark("correlations_beyond_one", matrix=remark("factor_matrix"), pairs=[PAIR], where=[])


SINGULAR = packed([remark("singular_information")])


LACKING = packed([remark("lacks_measures", constructs=["habit", "loyalty"])])


IMPROPER = packed([remark("improper_solution", reasons=[BEYOND])])


def estimate(table: str, term: str, value: float, quantity: str = "estimate", **more: object) -> dict:
    row = {"table": table, "term": term, "quantity": quantity, "estimate": value, "se": 0.1, "pvalue": 0.0001}
    return row | {"ci_lower": value - 0.2, "ci_upper": value + 0.2, "n": 400} | more


def survey_rows() -> list[dict]:
    rows: list[dict] = []
    for construct in ("value_functional", "identification", "stickiness"):
        named = [("items", f"{construct[:2]}{i}", construct) for i in (1, 2)] + [("reliability", construct, "")]
        for table, term, group in named:
            for quantity, value in MEASURES[table].items():
                row = {"table": table, "term": term, "group": group, "quantity": quantity, "estimate": value, "n": 400}
                rows.append(row | {"definition": quantity, "note": NOT_IDENTIFIED if quantity == "omega" else ""})
        rows.append(estimate("reliability", construct, 0.812, "spearman_brown", definition="spearman_brown"))
    for first, second in (("identification", "value_functional"), ("stickiness", "identification")):
        common = {"table": "validity", "term": first, "group": second, "n": 400}
        for quantity, value in {"correlation": 0.7, "htmt": 0.92, "htmt2": 0.9, "fornell_larcker": 0.0}.items():
            rows.append(common | {"quantity": quantity, "estimate": value, "ci_upper": 0.95, "ci_lower": 0.8})
    rows.append(estimate("validity_draws", "", 750, "count", definition="bootstrap"))
    for term in (*CHAIN, "stickiness ~ identification"):
        decides = "H2" if term.startswith("stickiness") else "H1" + "abc"[CHAIN.index(term)]
        rows += [estimate("paths", term, 0.4, hypothesis=decides), estimate("paths", term, 0.35, "std_all")]
        rows.append({"table": "effect_sizes", "term": term, "quantity": "f2", "estimate": 0.12, "definition": "f2"})
        for group in ("", "generation: gen_z"):
            rows.append(estimate("detectable", term, 0.14, "std_all", group=group, definition="detectable"))
        for group in ("gen_z", "older"):
            rows.append(estimate("group_paths", term, 0.3, group=f"generation: {group}", definition="equal_loadings"))
        wald = {"table": "equality", "term": term, "group": "generation", "quantity": "wald", "statistic": 2.1}
        rows.append(wald | {"df": 1, "pvalue": 0.15, "definition": "wald_equal"})
    rows += [estimate("covariances", "value ~~ trust", 0.5, q) for q in ("estimate", "std_all")]
    for name in ("h3a", "direct_value", "total_value"):
        for quantity, kind in (("estimate", "bca"), ("std_all", "bca"), ("percentile", "percentile")):
            rows.append(estimate("effects", name, 0.1, quantity, definition=kind))
        rows.append(estimate("effects", name, 0.1, "percentile_std_all", definition="percentile"))
        for group in ("gen_z", "older"):
            rows.append(estimate("effects", name, 0.1, group=f"generation: {group}", definition="bca"))
    for name, number in (("draws", 5000), ("failed", 12), ("inadmissible", 40)):
        for group in ("", "generation"):
            rows.append(estimate("bootstrap", name, number, "count", group=group, definition="bootstrap"))
    fit = {"chisq": 210.3, "cfi": 0.96, "tli": 0.95, "rmsea": 0.05, "srmr": 0.04, "npar": 40}
    rows += [estimate("fit", name, value, name, definition=name, df=100) for name, value in fit.items()]
    relation = remark("relation_of_size", term="identification =~ va1", size=0.5)
    rows += cutoff_rows("mechanisms", [remark("left_out_relations", relations=[relation])])
    rows += [estimate("r2", "stickiness", 0.4, "r2", definition="r2")]
    rows += [estimate("contrast", "mean of paths", 0.2, "decisive", group="gen_z − older", definition="contrast")]
    product = "stickiness ~ identification:price_comparison"
    rows += [estimate("paths", product, 0.1, q, model="interaction") for q in ("estimate", "std_all")]
    for place in ("low", "mean", "high"):
        rows.append(estimate("simple_slopes", product, 0.3, place, model="interaction", definition="simple_slope"))
    rival = "stickiness ~ transaction:price_comparison"
    for term, quantity in ((product, "std"), (rival, "std"), (f"{product} − {rival}", "difference")):
        rows.append(
            estimate("product_contrasts", term, 0.1, quantity, model="interaction", definition="product_contrast")
        )
    rows.append(estimate("interaction_fit", product, 0.97, "cfi", model="interaction", definition="cfi"))
    for quantity, value in (("d", 0.12), ("linear", 0.1), ("accuracy", 0.99)):
        rows.append(
            estimate(
                "necessity", "trust_affective ~ trust_fulfilment", value, quantity, group="ce_fdh", definition="ce_fdh"
            )
        )
    for name in (
        "main",
        "listwise",
        "full_information",
        "with_left_out",
        "without_doubtful",
        "ordinal",
        "with_controls",
    ):
        rows.append(estimate("sensitivity", CHAIN[0], 0.4, "effect", group=name, definition="sensitivity"))
        if name != "main":
            rows.append({"table": "sensitivity", "group": name, "quantity": "largest_shift", "estimate": 0.3})
    rows.append({"table": "sensitivity", "group": "with_controls", "quantity": "control", "term": "age"})
    rows.append({"table": "sensitivity", "group": "imputation", "quantity": "failed"})
    rows[-1]["note"] = SINGULAR
    for estimator in ("MLR", "ML", "WLSMV"):
        for controls in ("without", "with"):
            choices = f"estimator: {estimator}; answers: all; people: all; controls: {controls}; levels: second_order"
            where = {"group": choices, "definition": "specification_curve"}
            if (estimator, controls) == ("WLSMV", "with"):
                rows.append({"table": "specifications", "quantity": "failed", "note": SINGULAR} | where)
            else:
                rows += [estimate("specifications", term, 0.4, "std_all", **where) for term in (*CHAIN, "h3a")]
    for quantity in ("lowest", "median", "highest", "same_sign", "clear"):
        rows.append(estimate("specification_summary", CHAIN[0], 0.4, quantity, definition="specification_curve"))
    for k, estimator in enumerate(("MLR", "ML", "WLSMV")):
        universe = {"table": "multiverse", "model": "mechanisms", "group": f"estimator: {estimator}; items: all"}
        rows.append(universe | {"quantity": "type", "estimate": float(k)})
        rows.append(universe | estimate("multiverse", CHAIN[0], 0.4, "std_all"))
        rows.append(universe | {"term": CHAIN[0], "quantity": "familywise", "pvalue": 0.02 + k / 20})
    for counted in ("equivalent", "not_worse", "all"):
        tested = {"table": "multiverse_joint", "model": "mechanisms", "group": counted, "term": CHAIN[0], "n": 3}
        for quantity, value in {"median": 0.4, "share": 0.75, "stouffer": 4.2}.items():
            rows.append(tested | {"quantity": quantity, "estimate": value, "pvalue": 0.002})
        rows.append(tested | {"quantity": "draws", "estimate": 500.0})
    for quantity in ("supported", "opposite", "tested"):
        rows.append(estimate("null_verdicts", "", 0.02, quantity) | {"hypothesis": "H1a", "n": 100})
    for group in ("gen_z", "older"):
        rows.append(estimate("leave_one_out", CHAIN[0], 0.4, "std_all", group=f"generation: {group}"))
    rows += [estimate("without_items", CHAIN[0], 0.4, "std_all", group=item) for item in ("va1", "va2")]
    for quantity, value in (("single", 0.3), ("without", 0.2), ("fewest", 12)):
        rows.append(estimate("influential_people", CHAIN[0], value, quantity))
    rows[-2]["note"] = packed([remark("without_people", k=10, n=400)])
    for name, note in (
        ("long_string", ""),
        ("fast", packed([remark("not_applicable", why=remark("no_response_time"))])),
        ("even_odd", packed([remark("not_applicable", why=remark("few_long_scales", pairs=3, least=6))])),
        ("doubtful", ""),
    ):
        for quantity, value in (("n", np.nan if note else 4.0), ("share", np.nan if note else 0.01)):
            rows.append(
                {"table": "quality", "term": name, "quantity": quantity, "estimate": value, "n": 400, "note": note}
            )
    rule = {"table": "quality_rule", "group": "params"}
    rows += [rule | {"term": "duplicate", "quantity": "any_of"}, rule | {"quantity": "at_least", "estimate": 2}]
    rows.append(rule | {"quantity": "complete", "estimate": 380, "n": 400})
    rows.append(rule | {"quantity": "different", "estimate": 373, "n": 400})
    opinion = {"table": "second_opinion", "definition": "second_opinion", "term": "identification ~ value", "n": 390}
    rows += [opinion | {"quantity": "largest_deviation_estimate", "estimate": 2e-7}]
    rows += [opinion | {"quantity": "largest_relative_deviation_se", "estimate": 3e-6}]
    rows += [opinion | {"quantity": "parameters", "estimate": 40}, opinion | {"quantity": "agrees", "estimate": 1}]
    rows += [{"table": "remarks", "term": "loyalty ~ habit", "quantity": "left_out", "note": LACKING}]
    return [{"model": "mechanisms", "sample": "survey", "stage": "structure"} | row for row in rows]


def scale_rows() -> list[dict]:
    """What the items share beyond the scales, whether groups understand them alike, and the rivals of the theory."""
    fit = {"chisq": 120.5, "df": 60, "pvalue": 0.01, "cfi": 0.95, "tli": 0.94, "rmsea": 0.06, "srmr": 0.05, "bic": 9000}
    single = {"kmo": 0.8, "n_factors": 2, "n_components": 2, "harman": 0.4}
    rows = [{"table": "dimensionality", "quantity": q, "estimate": value} for q, value in single.items()]
    rows += [{"table": "dimensionality", "quantity": "bartlett", "statistic": 900.0, "df": 15, "pvalue": 0.0, "n": 400}]
    for position, value in enumerate((2.5, 1.2, 0.4), start=1):
        for quantity in ("factor", "component", "factor_reference", "component_reference"):
            found = value if "reference" not in quantity else 1.1
            rows.append({"table": "eigenvalues", "term": f"{position:02d}", "quantity": quantity, "estimate": found})
    for model in ("trait", "method"):
        for quantity, value in (fit | {"method_share": 0.2 if model == "method" else np.nan}).items():
            note = IMPROPER if (model, quantity) == ("method", "chisq") else ""
            rows.append({"table": "method", "term": model, "quantity": quantity, "estimate": value, "note": note})
        moved = {"table": "method_paths", "group": model, "term": CHAIN[0], "quantity": "std_all"}
        rows.append(moved | {"estimate": 0.5 if model == "trait" else 0.3})
    test = {"table": "method", "term": "trait – method", "quantity": "difference", "statistic": 9.1, "df": 1}
    rows.append(test | {"pvalue": 0.003, "note": packed([remark("asks_method")])})
    for step in ("configural", "metric"):
        deltas = dict.fromkeys(("delta_cfi", "delta_rmsea", "delta_chisq", "delta_df", "delta_pvalue"), np.nan)
        if step == "metric":
            deltas = {
                "delta_cfi": -0.003,
                "delta_rmsea": 0.001,
                "delta_chisq": 8.0,
                "delta_df": 4,
                "delta_pvalue": 0.09,
            }
        for quantity, value in (fit | deltas | {"held": 1.0}).items():
            row = {"table": "invariance", "group": "generation", "term": step, "quantity": quantity}
            rows.append(row | {"estimate": value})
    rows.append({"table": "invariance", "group": "generation", "term": "metric", "quantity": "level"})
    ordered = {"table": "invariance", "model": "ordered", "group": "generation", "term": "configural"}
    rows += [ordered | {"quantity": quantity, "estimate": value} for quantity, value in fit.items()]
    rows.append(ordered | {"quantity": "level", "term": "configural"})
    merged = {"table": "invariance_merged", "model": "ordered", "group": "generation", "quantity": "answers"}
    rows += [merged | {"term": f"va{i}", "estimate": 5} for i in range(8)]
    refused = packed([remark("not_testable", why=remark("two_answers", item="va1"))])
    rows.append(ordered | {"group": "country", "term": "", "quantity": "failed", "note": refused})
    for group in ("gen_z", "older", "other"):
        row = {"table": "alignment", "term": "stickiness", "group": f"generation: {group}", "quantity": "mean"}
        rows.append(row | {"estimate": 0.1})
    rows.append({"table": "alignment", "term": "stickiness", "group": "generation", "quantity": "noninvariant"})
    rows[-1]["estimate"] = 0.1
    off = {"table": "alignment_items", "term": "st1", "group": "generation: older", "quantity": "intercept"}
    rows.append(off | {"estimate": 0.4})
    for kind, other in (("cross_loading", "value"), ("residual_covariance", "st1")):
        freed_ = {
            "table": "misfit",
            "term": "id1",
            "group": other,
            "quantity": kind,
            "estimate": 0.3,
            "statistic": 12.1,
        }
        rows += [freed_ | {"pvalue": 0.01}, {"table": "misfit", "term": kind, "quantity": "candidates", "estimate": 60}]
    freed = {"table": "invariance_freed", "group": "generation", "term": "va1 ~1", "quantity": "scalar"}
    rows.append(freed | {"estimate": 12.0})
    rows.append(estimate("latent_means", "stickiness", 0.3, "difference", group="generation: gen_z − older"))
    rows.append(estimate("latent_means", "stickiness", 0.28, "d", group="generation: gen_z − older"))
    for name in ("mechanisms", "identification_first", "identification_only", "one_factor"):
        measures = {**fit, "aic": 8900, "delta_bic": 0.0, "npar": 40}
        measures = {name: value for name, value in measures.items() if name not in ("df", "pvalue")}
        rows += [{"table": "rivals", "term": name, "quantity": q, "estimate": value} for q, value in measures.items()]
    turned = {"term": "identification_first", "table": "rivals"}
    rows += [turned | {"quantity": "equivalent", "estimate": 1.0}, estimate(quantity="turned", value=0.3, **turned)]
    difference = {"quantity": "difference", "statistic": 9.2, "df": 2, "pvalue": 0.01}
    rows.append({"table": "rivals", "term": "identification_only"} | difference)
    for quantity, value in (("share_zero", 0.31), ("share_significance", 0.22)):
        rows.append({"table": "omitted_cause", "term": CHAIN[0], "quantity": quantity, "estimate": value})
    rows.append({"table": "rivals", "term": "reversed", "quantity": "failed", "note": SINGULAR})
    return [{"sample": "survey", "stage": "measure"} | row for row in rows]


def panel_rows() -> list[dict]:
    rows: list[dict] = []
    computed = packed([remark("computed_by", program="linearmodels", convention="stata")])
    for group in ("all", *(f"platform_type: {name}" for name in theory.platform_types())):
        for quantity, value in (("raw", 0.0123), ("std", 0.11)):
            rows += [
                estimate("slopes", f"lag({name})", value, quantity, group=group, definition="two_way_clustered")
                for name in ("value", "trust")
            ]
        for quantity, value in {"nobs": 900, "n_entity": 90, "n_time": 11, "r2_within": 0.02, "factor": 1.01}.items():
            fit = {"table": "panel_fit", "group": group, "term": quantity, "quantity": quantity, "estimate": value}
            rows.append(fit | {"note": computed if quantity == "factor" else ""})
    shares = {"n_entity": 90, "n_time": 11, "mean": 0.4, "sd": 0.6, "sd_between": 0.5, "sd_within": 0.3}
    for name in ("value", "trust"):
        held = {"table": "panel_descriptives", "term": name, "group": "all", "n": 990, "definition": "between_within"}
        rows += [held | {"quantity": quantity, "estimate": value} for quantity, value in shares.items()]
    pair = {"table": "panel_correlations", "term": "value", "group": "trust", "definition": "panel_correlation"}
    rows += [pair | {"quantity": name, "estimate": r} for name, r in (("between", 0.6), ("within", -0.2))]
    gone = remark("missing_value", name="lag(trust)")
    dropped = {"table": "dropped", "group": "all", "term": "missing_value: lag(trust)", "quantity": "dropped"}
    rows.append(dropped | {"estimate": 12, "note": packed([gone])})
    rows += [estimate("equality", "lag(value)", np.nan, "wald", group="platform_type", statistic=9.5, df=4)]
    rows += [estimate("pairs", "lag(value)", 0.02, "difference", group="social − content", definition="holm_pairs")]
    rows += robustness_rows()
    sampled = remark("users_sampled", n=900, all=4000)
    note = packed([sampled, remark("other_slopes_of_all")])
    rows += [{"table": "remarks", "term": "panel", "quantity": "sampled", "note": note}]
    why = packed([sampled, remark("not_streamed", why=remark("needs_whole_users", estimator="gmm"))])
    rows += [
        {
            "table": "remarks",
            "model": "trust_cross_lags",
            "term": "trust_cross_lags",
            "quantity": "sampled",
            "note": why,
        }
    ]
    return [{"model": "identification_next", "sample": "panel", "stage": "panel"} | row for row in rows]


def roll_out_rows() -> list[dict]:
    rows: list[dict] = []
    for outcome in ("stickiness", "identification"):
        for horizon in range(-3, 4):
            kind = "lead" if horizon < 0 else "effect"
            rows.append(estimate("event_study", str(horizon), 0.1, kind, group=outcome, definition="imputation"))
        for quantity in ("raw", "std", "holm", "placebo", "own_trend", "interaction_weighted"):
            rows.append(estimate("event_study", "average effect", 0.1, quantity, group=outcome))
        rows.append(estimate("event_checks", "pretrend", np.nan, "test", group=outcome, statistic=3.1, df=3))
        rows += [estimate("event_checks", name, 90, "size", group=outcome) for name in ("n_never", "n_reached")]
    return [{"model": "offers", "sample": "panel", "stage": "panel"} | row for row in rows]


def cohort_rows() -> list[dict]:
    rows: list[dict] = []
    for group in ("all", *(f"trust_fulfilment: {part}" for part in ("low", "middle", "high"))):
        for day in range(0, 370, 10):
            share = {"ci_lower": day / 9000, "ci_upper": day / 7000, "n": 400 - day, "definition": "kaplan_meier"}
            rows.append(estimate("survival", str(day), day / 8000, "cumulative", group=group) | share)
    for model in ("cox", "discrete"):
        for units in ("raw", "std"):
            rows.append(estimate("hazards", "trust_fulfilment", 0.3, units, model=model, definition=f"{model}_hazard"))
        for name in ("n_subject", "n_event", "nobs"):
            rows.append(estimate("hazard_fit", name, 400, name, model=model))
    rows.append(estimate("hazard_checks", "trust_fulfilment", np.nan, "proportional", model="cox", statistic=1.2, df=1))
    return [{"sample": "cohort", "stage": "panel", "group": "all"} | row for row in rows]


def robustness_rows() -> list[dict]:
    rows: list[dict] = []
    for group in ("pooled", "between", "random", "entity", "twoway"):
        rows.append(estimate("estimators", "lag(value)", 0.012, "raw", group=group, definition="panel_estimators"))
    short = packed([remark("not_applicable", why=remark("few_for_between", n=9, entity="entity", k=12))])
    rows.append({"table": "estimators", "group": "first-difference", "quantity": "raw", "note": short})
    for group in ("entity", "entity + time", "driscoll-kraay", "wild"):
        rows.append(estimate("errors", "lag(value)", 0.012, "raw", group=group, definition="panel_errors"))
    rows.append(estimate("placebo", "lead(value)", 0.001, "raw", group="all", definition="placebo_lead"))
    rows.append({"table": "placebo", "group": "all", "quantity": "joint", "statistic": 1.2, "df": 1, "pvalue": 0.3})
    rows.append(estimate("own_past", "lag(value)", 0.008, "raw", group="all", definition="own_past"))
    rows.append({"table": "own_past", "group": "all", "term": "lag(value)", "quantity": "stands", "estimate": 1.0})
    moved = {"table": "own_past", "group": "all", "quantity": "same_period", "definition": "same_period"}
    rows.append(moved | {"statistic": 1.4, "df": 1, "pvalue": 0.2})
    sizes = {"uncontrolled": 0.02, "controlled": 0.012, "delta": 1.4, "bias_adjusted": 0.004}
    for quantity, value in (sizes | {"e_value": 1.3, "e_value_bound": 1.1}).items():
        row = {"table": "confounding", "group": "all", "term": "lag(value)", "quantity": quantity, "estimate": value}
        rows.append(row | {"definition": "e_value" if quantity.startswith("e_") else "oster"})
    for quantity, value in (("mean", 0.1), ("spread", 0.05)):
        rows.append(estimate("random_slopes", "lag(value)", value, quantity, definition="random_slopes"))
    product, other = "lag(identification):rival_price", "lag(transaction):rival_price"
    for term, quantities in ((product, ("std", "low", "mean", "high")), (other, ("std",))):
        for quantity in quantities:
            kind = "two_way_clustered" if quantity == "std" else "simple_slope_panel"
            rows.append(estimate("panel_products", term, 0.1, quantity, model="price_shock", definition=kind))
    gap = estimate("panel_products", f"{product} − {other}", 0.1, "difference", definition="product_difference")
    rows.append(gap | {"model": "price_shock"})
    for quantity in ("raw", "std"):
        term = "lag(value):price_comparison"
        rows.append(estimate("moderation", term, -0.05, quantity, group="all", definition="moderation"))
    rows.append({"table": "moderation", "quantity": "joint", "statistic": 9.2, "df": 1, "pvalue": 0.002})
    alike = packed([remark("no_trait", moderator="price_comparison")])
    rows.append({"table": "moderation", "model": "stickiness_next", "quantity": "joint", "note": alike})
    instrumented = {"model": "identification_next_iv", "group": "all"}
    rows.append(estimate("instruments", "lag(trust)", 0.2, "ols", **instrumented, definition="two_way_clustered"))
    rows.append(estimate("instruments", "lag(trust)", 0.2, "iv", **instrumented))
    named = {"table": "instruments", "term": "lag(trust)", "quantity": "instrument", "group": "lag(shipping_delay)"}
    rows.append(instrumented | named)
    weak = {"definition": "first_stage", "note": packed([remark("weak_instruments", least=10.0)])}
    rows.append(estimate("instruments", "lag(trust)", 0.01, "first_stage", statistic=4.1, df=1, **instrumented, **weak))
    for quantity in ("exogeneity", "overidentification"):
        test = {"quantity": quantity, "statistic": 1.1, "df": 1, "pvalue": 0.3, "definition": quantity}
        rows.append({"table": "instruments"} | instrumented | test)
    control = {"table": "negative_control", "group": "all"}
    rows.append(estimate("negative_control", "phone_battery ~ lag(value)", 0.01, "raw", definition="negative_control"))
    away = {"statistic": 9.1, "df": 1, "pvalue": 0.01, "note": packed([remark("away_from_zero")])}
    rows.append(control | {"term": "phone_battery", "quantity": "joint", "definition": "negative_control"} | away)
    rows.append(estimate("influence", "lag(value)", 0.4, "single", group="all", definition="influence"))
    ten = {"group": "all", "definition": "influence", "note": packed([remark("without_users", k=10, n=900)])}
    rows.append(estimate("influence", "lag(value)", 0.01, "without", **ten))
    for group in ("comprehensive", "content", "social"):
        where = {"group": f"platform_type: {group}", "definition": "slopes_without"}
        rows.append(estimate("slopes_without", "lag(value)", 0.2, "raw", **where))
    loop = {"model": "closed_loop", "group": "all", "definition": "ri_clpm"}
    rows.append(estimate("closed_loop", "value ~ lag(trust)", 0.1, "raw", **loop))
    for quantity, value in {"cfi": 0.98, "rmsea": 0.02, "srmr": 0.03, "n": 900, "periods": 8}.items():
        rows.append({"table": "closed_loop", "quantity": quantity, "estimate": value} | loop)
    rows += cutoff_rows("closed_loop", [remark("left_out_lag", mechanism="value", size=0.3)])
    for group in ("twoway", "jackknife"):
        own = estimate("jackknife", "lag(trust)", 0.1, "raw", group=group, definition="half_panel_jackknife")
        rows.append(own | {"model": "value_cross_lags"})
    return rows


def cutoff_rows(model: str, omitted: list[Remark]) -> list[dict]:
    """One level of misspecification, which SRMR cannot tell from a right model."""
    table = {"table": "fit_cutoffs", "model": model}
    bounds = {"t_size": {"cfi": 0.94, "rmsea": 0.06}, "level_1": {"cfi": 0.97, "rmsea": 0.04, "srmr": None}}
    rows = [
        table | {"term": term, "quantity": quantity, "estimate": value}
        | {"definition": "t_size" if term == "t_size" else "dynamic_cutoff"}
        for term, values in bounds.items()
        for quantity, value in values.items()
    ]  # fmt: skip
    rows.append(table | {"term": "level_1", "quantity": "omitted", "note": packed(omitted)})
    verdict = {"term": "misfit", "quantity": "misfit", "estimate": 1, "note": packed([remark("fit_as_bad", level=1)])}
    return [*rows, table | verdict]


def recovery_rows() -> list[dict]:
    found = [estimate("recovery", term, 0.4, "covered", statistic=0.35, definition="recovery") for term in CHAIN]
    found += [estimate("recovery", "lag(value)", 0.9, "missed", statistic=0.1, sample="panel", group="all")]
    known = [
        {
            "table": "known_truth",
            "quantity": "holds",
            "sample": "survey",
            "hypothesis": "H2",
            "estimate": 0,
            "stage": "judge",
        }
    ]
    return known + [{"model": "mechanisms", "sample": "survey", "stage": "judge"} | row for row in found]

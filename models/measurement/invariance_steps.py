"""The ladder of invariance, step by step: fit, compare, release what resists."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from models import sem
from models.measurement.confirm import factor_syntax, latent_names
from models.measurement.scales import Scales

STEPS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}


@dataclass(frozen=True)
class Cutoffs:
    """Worsening of fit from one step to the next that speaks against invariance.

    Defaults are those of Chen (2007, doi:10.1080/10705510701301834) for more than 300 people; `small_sample` are those
    for fewer. Cheung & Rensvold (2002, doi:10.1207/S15328007SEM0902_5) give the same 0.010 for CFI.

    Attributes
    ----------
    cfi, rmsea : float
        Fall of CFI, rise of RMSEA.
    srmr_metric, srmr : float
        Rise of SRMR for equal loadings; for the later steps.
    level : float
        Significance level of the (scaled) chi-square difference; informative only, as it grows with n.
    """

    cfi: float = 0.010
    rmsea: float = 0.015
    srmr_metric: float = 0.030
    srmr: float = 0.010
    level: float = 0.05

    @classmethod
    def small_sample(cls) -> "Cutoffs":
        """Cut-offs for 300 people or fewer."""
        return cls(cfi=0.005, rmsea=0.010, srmr_metric=0.025, srmr=0.005)


def scaled_difference(restricted: dict[str, float], free: dict[str, float]) -> tuple[float, int, float]:
    """Chi-square difference of two nested models from their fit measures: statistic, degrees of freedom, p-value.

    With scaled statistics :math:`T=(T_0-T_1)/c_d`, :math:`c_d=(d_0c_0-d_1c_1)/(d_0-d_1)`; NaN where :math:`c_d\\le 0`.

    References
    ----------
    Satorra & Bentler (2001), doi:10.1007/BF02296192.
    """
    df = int(restricted["df"] - free["df"])
    difference = restricted["chisq"] - free["chisq"]
    if "chisq_scaling_factor" in restricted:
        weighted = [m["df"] * m["chisq_scaling_factor"] if m["df"] else 0.0 for m in (restricted, free)]
        correction = (weighted[0] - weighted[1]) / df
        difference = difference / correction if correction > 0 else np.nan
    return float(difference), df, float(stats.chi2.sf(difference, df))


@dataclass
class Climb:
    """Where the ladder stands: models fitted, parameters released, the last model that held.

    Attributes
    ----------
    sample : DataFrame
        Items and the column ``group_``, the reference group's rows first.
    rows, freed : list of dict
        Rows of the tables `ladder` and `freed` of the result.
    free : list of str
        Parameters released so far.
    gains : dict
        Fall of chi-square for the releases tried so far, by step, construct and what was released before.
    last : dict
        Fit measures of the last model that held.
    configural, scalar : sem.Fit
        The fitted models of these steps; `scalar_free` was released in the second.
    """

    sample: pd.DataFrame
    scales: Scales
    estimator: str
    cut: Cutoffs
    level: str = "none"
    rows: list[dict] = field(default_factory=list)
    freed: list[dict] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    last: dict[str, float] = field(default_factory=dict)
    gains: dict[tuple, dict[str, float]] = field(default_factory=dict)
    configural: sem.Fit | None = None
    scalar: sem.Fit | None = None
    scalar_free: list[str] = field(default_factory=list)

    def fit(self, step: str, free: list[str]) -> sem.Fit:
        return _fit(self.sample, self.scales, step, free, self.estimator)

    def start(self, configural_cfi: float) -> str:
        """Fit the configural model; return why the ladder cannot be climbed, or nothing."""
        try:
            fit = self.fit("configural", [])
        except sem.SemError as error:
            return f"the configural model cannot be fitted: {error}"
        self.configural = fit
        self.last = fit.fit_measures()
        row = _measures("configural", self.last)
        row["held"] = bool(row["cfi"] >= configural_cfi)
        self.rows.append(row | {"n_freed": 0, "note": _improper(fit)})
        if not row["held"]:
            return f"the configural model fits badly in the groups (CFI {row['cfi']:.3f} < {configural_cfi})"
        self.level = "configural"
        return ""

    def step(self, step: str) -> bool:
        """Take one step, in part where it fails as a whole."""
        try:
            fit = self.fit(step, self.free)
            row = self.compare(step, fit)
            self.rows.append(row)
            candidates = self.candidates(step)
            tried = list(self.free)
            while not row["held"] and candidates:
                tried.append(self.release(step, tried, candidates))
                candidates = self.candidates(step, tried)
                fit = self.fit(step, tried)
                row = self.compare(f"partial {step}", fit, len(tried))
            if tried != self.free:
                self.rows.append(row)
        except sem.SemError as error:
            self.rows.append({"model": step, "held": False, "note": f"not applicable, because {error}"})
            return False
        if not row["held"]:
            return False
        self.free = self.carry(step, tried)
        self.last = fit.fit_measures()
        self.level = f"partial {step}" if self.free_in(step, tried) else step
        if step == "scalar":
            self.scalar, self.scalar_free = fit, list(tried)
        return True

    def compare(self, name: str, fit: sem.Fit, n_freed: int | None = None) -> dict:
        measures = fit.fit_measures()
        row, before = _measures(name, measures), _measures("", self.last)
        for index in ("cfi", "rmsea", "srmr"):
            row[f"delta_{index}"] = row[index] - before[index]
        row["delta_chisq"], row["delta_df"], row["delta_pvalue"] = scaled_difference(measures, self.last)
        row["cfi_ok"] = bool(row["delta_cfi"] > -self.cut.cfi)
        row["rmsea_ok"] = bool(row["delta_rmsea"] < self.cut.rmsea)
        row["srmr_ok"] = bool(row["delta_srmr"] < (self.cut.srmr_metric if "metric" in name else self.cut.srmr))
        row["chisq_ok"] = bool(row["delta_pvalue"] >= self.cut.level)
        row["held"] = row["cfi_ok"]
        row["n_freed"] = len(self.free) if n_freed is None else n_freed
        row["note"] = _improper(fit)
        return row

    def candidates(self, step: str, tried: list[str] | None = None) -> list[str]:
        """Parameters of the step that may still be released: two items of a construct stay equal."""
        tried = self.free if tried is None else tried
        names = latent_names(self.scales)
        found = []
        for construct, items in self.scales.items():
            own = [_parameter(step, names[construct], item) for item in items]
            still_equal = [p for p in own if p not in tried]
            if len(still_equal) > 2:
                found += still_equal
        return found

    def release(self, step: str, tried: list[str], candidates: list[str]) -> str:
        """Find the release that lowers the unscaled chi-square most, and note it.

        The model of each construct alone, which is quick, names three candidates; the whole model decides.
        """
        gains: dict[str, float] = {}
        for construct, items in self.scales.items():
            own = [c for c in candidates if _item(c) in items]
            if own:
                done = tuple(p for p in tried if _item(p) in items)
                if (step, construct, done) not in self.gains:
                    self.gains[step, construct, done] = self.lowered({construct: items}, step, list(done), own)
                gains |= self.gains[step, construct, done]
        shortlist = sorted(gains, key=lambda c: -gains[c])[:3]
        decided = self.lowered(self.scales, step, tried, shortlist)
        best, *others = sorted(decided, key=lambda c: -decided[c])
        item = _item(best)
        self.freed.append(
            {
                "step": step,
                "parameter": best,
                "item": item,
                "construct": next(c for c, items in self.scales.items() if item in items),
                "delta_chisq": decided[best],
                "runner_up": others[0] if others else "",
                "runner_up_delta_chisq": decided[others[0]] if others else np.nan,
            }
        )
        return best

    def lowered(self, scales: Scales, step: str, done: list[str], candidates: list[str]) -> dict[str, float]:
        """Fall of chi-square for each release in the model of `scales`."""

        def chisq(free: list[str]) -> float:
            return _fit(self.sample, scales, step, free, "ML").fit_measures()["chisq"]

        base = chisq(done)
        return {c: base - chisq([*done, c]) for c in candidates}

    def carry(self, step: str, tried: list[str]) -> list[str]:
        """Release in later steps what hangs on a released parameter."""
        carried = list(tried)
        for parameter in tried:
            item = _item(parameter)
            for later in (f"{item} ~1", f"{item}~~{item}"):
                if _family(parameter) == "loadings" or (_family(parameter) == "intercepts" and "~~" in later):
                    carried.append(later)
        return list(dict.fromkeys(carried))

    def free_in(self, step: str, tried: list[str]) -> list[str]:
        return [p for p in tried if _family(p) in STEPS[step]]


def _fit(sample: pd.DataFrame, scales: Scales, step: str, free: list[str], estimator: str) -> sem.Fit:
    items = [item for columns in scales.values() for item in columns]
    used = sample.loc[sample[items].notna().any(axis=1), [*items, "group_"]]
    return sem.fit(
        factor_syntax(scales),
        used,
        group="group_",
        group_equal=STEPS[step],
        group_partial=[f for f in free if _family(f) in STEPS[step]],
        estimator=estimator,
        missing="fiml" if used.isna().any(axis=None) else "listwise",
        meanstructure=True,
        std_lv=True,
    )


def _parameter(step: str, factor: str, item: str) -> str:
    return {"metric": f"{factor}=~{item}", "scalar": f"{item} ~1", "strict": f"{item}~~{item}"}[step]


def _family(parameter: str) -> str:
    if "=~" in parameter:
        return "loadings"
    return "residuals" if "~~" in parameter else "intercepts"


def _item(parameter: str) -> str:
    return parameter.split("=~")[-1].split("~")[0].strip()


def _measures(name: str, measures: dict[str, float]) -> dict:
    """Fit of one model: scaled test and robust indices where the estimator has them."""
    row: dict = {"model": name}
    for index in ("chisq", "df", "pvalue"):
        row[index] = measures.get(f"{index}_scaled", measures[index])
    for index in ("cfi", "tli", "rmsea"):
        row[index] = measures.get(f"{index}_robust", measures[index])
    return row | {index: measures[index] for index in ("srmr", "aic", "bic")}


def _improper(fit: sem.Fit) -> str:
    table = fit.tidy()
    negative = table[(table["op"] == "~~") & (table["lhs"] == table["rhs"]) & (table["est"] < 0)]
    if not len(negative):
        return ""
    where = ", ".join(f"{r.lhs} in {r.group}" for r in negative.itertuples())
    return f"improper solution: negative variance of {where}"

"""The ladder of invariance, step by step: fit, compare, release what resists."""

from dataclasses import dataclass, field

import numpy as np

from models import sem
from models.choices import choices
from models.measurement.comparability.models import FAMILY_OF_STEP, Ladder, carried, item_of, item_parameters
from models.measurement.scales.confirm import improper, judged_by, latent_names, versions
from models.measurement.scales.scales import Scales
from models.remarks import Remark, Remarks, remark
from models.sem.cutoffs.omitted import omitted_relations


@dataclass(frozen=True)
class Cutoffs:
    """Worsening of fit from one step to the next that speaks against invariance.

    Defaults are those of Chen (2007, doi:10.1080/10705510701301834) for more than 300 people (`choices.invariance_…`);
    `small_sample` are those for fewer. Cheung & Rensvold (2002, doi:10.1207/S15328007SEM0902_5) give the same for CFI.

    Attributes
    ----------
    cfi, rmsea : float
        Fall of CFI, rise of RMSEA.
    srmr_metric, srmr : float
        Rise of SRMR for equal loadings; for the later steps.
    level : float
        Significance level of the (scaled) chi-square difference; informative only, as it grows with n.
    """

    cfi: float = choices.invariance_cfi
    rmsea: float = choices.invariance_rmsea
    srmr_metric: float = choices.invariance_srmr_loadings
    srmr: float = choices.invariance_srmr
    level: float = choices.alpha

    @classmethod
    def small_sample(cls) -> "Cutoffs":
        """Make the cut-offs for few people.

        Returns
        -------
        Cutoffs
            Those for `choices.few_people` or fewer.

        Examples
        --------
        >>> from models.measurement import Cutoffs
        >>> Cutoffs().cfi, Cutoffs.small_sample().cfi
        (0.01, 0.005)
        """
        return cls(
            cfi=choices.few_invariance_cfi,
            rmsea=choices.few_invariance_rmsea,
            srmr_metric=choices.few_invariance_srmr_loadings,
            srmr=choices.few_invariance_srmr,
        )


@dataclass(eq=False)
class Climb:
    """Where the ladder stands: models fitted, parameters released, the last model that held.

    Attributes
    ----------
    ladder : Ladder
        The models to climb.
    rows, freed : list of dict
        Rows of the tables `ladder` and `freed` of the result.
    free : list of str
        Parameters released so far.
    versions : dict
        Which version each index of a model is.
    chisquares : dict
        Chi-square of the models tried so far for a release, by step, constructs and what is released.
    last, configural, scalar : sem.Fit
        The last model that held, and the models of these steps; `scalar_free` was released in the last.
    """

    ladder: Ladder
    scales: Scales
    cut: Cutoffs
    level: str = "none"
    rows: list[dict] = field(default_factory=list)
    freed: list[dict] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    chisquares: dict[tuple, float] = field(default_factory=dict)
    last: sem.Fit | None = None
    configural: sem.Fit | None = None
    scalar: sem.Fit | None = None
    scalar_free: list[str] = field(default_factory=list)

    def start(self, level: int | None) -> Remark | None:
        """Fit the configural model; return why the ladder cannot be climbed, or None.

        Its fit may not be worse than that of models of the level of misspecification.
        """
        try:
            fit = self.ladder.fit(self.scales, "configural")
        except sem.SemError as error:
            return remark("configural_fails", why=error.remark)
        self.configural = self.last = fit
        row = self.indices("configural", fit)
        judged = self.ladder.as_numbers(self.scales) if self.ladder.ordinal else fit
        row["held"] = True
        if level is not None and judged is not None:
            levels = omitted_relations(judged, level, choices.fit_omitted_correlation)
            row["held"] = not sem.large_sample_cutoffs(judged, levels[-1:]).beyond(judged.fit_indices(), level)
        self.rows.append(row | {"n_freed": 0, "note": improper(fit)})
        if not row["held"]:
            return remark("configural_misfit", cfi=row["cfi"], rmsea=row["rmsea"], level=len(levels))
        self.level = "configural"
        return None

    def step(self, step: str) -> bool:
        """Take one step, in part where it fails as a whole."""
        try:
            fit = self.ladder.fit(self.scales, step, self.free)
            row = self.compare(step, fit)
            self.rows.append(row)
            candidates = self.candidates(step)
            tried = list(self.free)
            while not row["held"] and candidates:
                tried.append(self.release(step, tried, candidates))
                candidates = self.candidates(step, tried)
                fit = self.ladder.fit(self.scales, step, tried)
                row = self.compare(f"partial {step}", fit, len(tried))
            if tried != self.free:
                self.rows.append(row)
        except sem.SemError as error:
            note = Remarks.of(remark("not_applicable", why=error.remark))
            self.rows.append({"model": step, "held": False, "note": note})
            return False
        if not row["held"]:
            return False
        self.free, self.last = carried(tried, self.factors), fit
        self.level = f"partial {step}" if tried else step
        if step == "scalar":
            self.scalar, self.scalar_free = fit, list(tried)
        return True

    def indices(self, name: str, fit: sem.Fit) -> dict:
        """Fit of one model by the version of each index that it is judged by."""
        found = fit.fit_indices()
        self.versions[name] = versions(found)
        return {"model": name} | judged_by(found)

    def compare(self, name: str, fit: sem.Fit, n_freed: int | None = None) -> dict:
        """Fit of a model and how much worse it is than the last that held."""
        assert self.last is not None
        row, before = self.indices(name, fit), judged_by(self.last.fit_indices())
        row["note"] = improper(fit)
        for index in ("cfi", "rmsea", "srmr"):
            row[f"delta_{index}"] = row[index] - before[index]
        try:
            test = sem.compare(self.last, fit, check_nested=False)
            row |= {"delta_chisq": test.statistic, "delta_df": test.df, "delta_pvalue": test.pvalue}
            row["chisq_ok"] = bool(test.pvalue >= self.cut.level)
        except sem.SemError as error:
            row["delta_df"] = row["df"] - before["df"]
            row["note"] = Remarks.of(remark("difference_not_applicable", why=error.remark))
        row["cfi_ok"] = bool(row["delta_cfi"] > -self.cut.cfi)
        row["rmsea_ok"] = bool(row["delta_rmsea"] < self.cut.rmsea)
        row["srmr_ok"] = bool(row["delta_srmr"] < (self.cut.srmr_metric if "metric" in name else self.cut.srmr))
        row["held"] = row["cfi_ok"]
        row["n_freed"] = len(self.free) if n_freed is None else n_freed
        return row

    def candidates(self, step: str, tried: list[str] | None = None) -> list[str]:
        """Parameters of the step that may still be released: two items of a construct stay equal."""
        tried = self.free if tried is None else tried
        found = []
        for items in self.scales.values():
            own = [item_parameters(self.factors[item], item)[FAMILY_OF_STEP[step]] for item in items]
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
            own = [c for c in candidates if item_of(c) in items]
            if own:
                gains |= self.lowered({construct: items}, step, [p for p in tried if item_of(p) in items], own)
        shortlist = sorted(gains, key=lambda c: -gains[c])[:3]
        decided = self.lowered(self.scales, step, tried, shortlist)
        best, *others = sorted(decided, key=lambda c: -decided[c])
        item = item_of(best)
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
            model = (step, *scales, *free)
            if model not in self.chisquares:
                self.chisquares[model] = self.ladder.fit(scales, step, free, scaled=False).fit_indices()["chisq"]
            return self.chisquares[model]

        base = chisq(done)
        return {c: base - chisq([*done, c]) for c in candidates}

    @property
    def factors(self) -> dict[str, str]:
        """Factor of each item."""
        names = latent_names(self.scales)
        return {item: names[construct] for construct, items in self.scales.items() for item in items}

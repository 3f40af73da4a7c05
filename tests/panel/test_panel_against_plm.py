"""Coefficients, errors and tests equal R's plm on its own data sets (tests/fixtures/panel/make_reference.R)."""

import numpy as np
import pytest

from models import panel
from models.panel.checks.dependence import pesaran_cd
from models.panel.checks.serial import wooldridge_difference, wooldridge_within
from models.panel.checks.specification import hausman

PRODUC = "log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp"
SETS = {
    "grunfeld": ("inv ~ value + capital", "firm"),
    "produc": (PRODUC, "state"),
    "produc_unbalanced": (PRODUC, "state"),
    "wage_panel": ("wage ~ exper + I(exper**2) + union + married", "nr"),
}
EFFECTS = ["pooled", "between", "random", "entity", "time", "twoway", "first-difference"]
CONVENTIONS = {
    "classical": {"se_type": "classical"},
    "hc0": {"se_type": "hc0"},
    "hc1": {"se_type": "hc1"},
    "sss": {"se_type": "stata"},
    "twoway_hc0": {"se_type": "hc0", "cluster": "both"},
    "twoway_sss": {"se_type": "stata", "cluster": "both"},
    "time_sss": {"se_type": "stata", "cluster": "year"},
    "dk1": {"se_type": "driscoll-kraay", "bandwidth": 1},
    "dk2": {"se_type": "driscoll-kraay", "bandwidth": 2},
}


def fit(frame, name, effects, se_type="stata", cluster=None, bandwidth=None):
    formula, entity = SETS[name]
    if name == "wage_panel" and effects in ("twoway", "first-difference"):
        formula = formula.replace("exper + ", "", 1)
    if cluster == "both":
        cluster = [entity, "year"]
    options = {"se_type": se_type, "cluster": cluster, "bandwidth": bandwidth}
    return panel.fit(formula, frame, entity=entity, time="year", effects=effects, **options)


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.parametrize("name", SETS)
def test_estimates_and_errors_equal_plm(fixture_frame, fixture_json, name, effects):
    reference, frame = fixture_json("plm_linear")[name][effects], fixture_frame(name)
    for convention, cells in reference.items():
        table = fit(frame, name, effects, **CONVENTIONS[convention]).tidy()
        # 1e-8: the same definition in both programs; plm's CSV and QR lose about 1e-11
        np.testing.assert_allclose(table["est"], list(cells["est"].values()), rtol=1e-8, err_msg=convention)
        np.testing.assert_allclose(table["se"], list(cells["se"].values()), rtol=1e-8, err_msg=convention)


@pytest.mark.parametrize("name", SETS)
def test_specification_tests_equal_plm(fixture_frame, fixture_json, name):
    reference, frame = fixture_json("plm_linear")[name]["tests"], fixture_frame(name)
    within, twoway = fit(frame, name, "entity").groups[0], fit(frame, name, "twoway").groups[0]
    checks = {
        "hausman": hausman(within.design),
        "cd_within": pesaran_cd(within.design, within.estimate.u),
        "cd_twoway": pesaran_cd(twoway.design, twoway.estimate.u),
    }
    if name != "produc_unbalanced":  # plm lags rows, not periods: the same only without gaps
        checks["wooldridge_within"] = wooldridge_within(within.design)
        checks["wooldridge_fd"] = wooldridge_difference(twoway.design)
    for key, check in checks.items():
        # 1e-7: Hausman inverts a difference of two nearly equal covariances
        np.testing.assert_allclose(check.statistic, reference[key]["statistic"], rtol=1e-7, err_msg=key)
        np.testing.assert_allclose(check.pvalue, reference[key]["p"], rtol=1e-5, err_msg=key)

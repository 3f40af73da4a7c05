"""One sentence says whether an item, a group or a handful of people or users carries a result."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from reports.findings import panel, structure
from reports.reading import Report
from reports.texts import Texts

PATH = "stickiness ~ identification"


def report(rows: list[dict[str, Any]]) -> Report:
    frame = pd.DataFrame(rows)

    def table(name: str, **equal: str) -> pd.DataFrame:
        found = frame[frame["table"] == name]
        for column, value in equal.items():
            found = found[found[column] == value]
        return found

    return cast(Report, SimpleNamespace(table=table))


def survey(item: float, people: float) -> Report:
    """The p-values of a clear path without one item, and without ten people."""
    row = {"term": PATH, "model": "mechanisms", "group": "", "estimate": 0.4, "pvalue": 0.001}
    return report(
        [
            row | {"table": "paths", "quantity": "estimate"},
            row | {"table": "without_items", "quantity": "std_all", "group": "id1", "pvalue": item},
            row | {"table": "leave_one_out", "quantity": "std_all", "group": "sex: f"},
            row | {"table": "influential_people", "quantity": "without", "pvalue": people},
        ]
    )


@pytest.mark.parametrize(
    ("item", "people", "said"),
    [
        (0.01, 0.01, "does not change without any one item or group"),
        (0.20, 0.01, "changes without some one item (emotional identification"),
        (0.01, 0.20, "changes without the few people who hold it up most"),
    ],
)
def test_a_survey_says_what_its_paths_rest_on(item: float, people: float, said: str) -> None:
    assert said in structure.carried(survey(item, people), Texts("en"), "")
    assert structure.carried(survey(item, people), Texts("zh"), "")


@pytest.mark.parametrize(("p", "said"), [(0.01, "none of the 1 slopes"), (0.2, "Identification next period")])
@pytest.mark.parametrize(
    ("table", "quantity", "sentence"),
    [("influence", "without", panel.few_users), ("slopes_without", "raw", panel.one_platform)],
)
def test_a_panel_says_what_its_slopes_rest_on(p: float, said: str, table: str, quantity: str, sentence: Any) -> None:
    row = {"term": "lag(value)", "model": "identification_next", "group": "all", "estimate": 0.2, "pvalue": 0.001}
    found = report(
        [row | {"table": "slopes", "quantity": "raw"}, row | {"table": table, "quantity": quantity, "pvalue": p}]
    )
    assert said in sentence(found, Texts("en"), "")
    assert sentence(found, Texts("zh"), "")

import json
from pathlib import Path

import pandas as pd
import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "measurement"

HS_SCALES = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
BFI_SCALES = {c: [f"{c}{i}" for i in range(1, 6)] for c in "ACE"}


@pytest.fixture(scope="session")
def hs() -> pd.DataFrame:
    return pd.read_csv(FIXTURES / "holzinger_swineford.csv")


@pytest.fixture(scope="session")
def bfi() -> pd.DataFrame:
    return pd.read_csv(FIXTURES / "bfi.csv")


@pytest.fixture(scope="session")
def reference():
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_text())


@pytest.fixture
def hs_scales() -> dict[str, list[str]]:
    return {construct: list(items) for construct, items in HS_SCALES.items()}


@pytest.fixture
def bfi_scales() -> dict[str, list[str]]:
    return {construct: list(items) for construct, items in BFI_SCALES.items()}

"""Any card gives a card or a message of ours: odd values in every place of a good card, text that editors damage."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.messages.forms import made
from models.messages.yaml_text import parsed
from pipeline.cards import card as cards
from pipeline.cards import item_names
from pipeline.cards.parts import Survey
from pipeline.core import paths
from pipeline.core.errors import InputError
from tests.conftest import ROOT, log_card, survey_card, text
from tests.properties.limits import only, runs, tried

TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "data").glob("*/card.yaml"))]
CARDS = [survey_card("demo"), log_card("demo"), *(parsed(written) for written in TEXTS)]

WORDS = [
    *("", " ", "\x00", "a\nb", "../../x", "/etc/passwd", "http://exa mple.org/a b", "utf-7", "base64", "2024-02-30"),
    *("%Q", "%Y%Y", "((", "(?P<", "a{99999}", "(?=x)(y)", "9" * 5000, "!!x", "stickiness", "😀", "NA"),
]
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text(max_size=30)
    | st.binary(max_size=9)
    | st.sampled_from(WORDS)
    | st.lists(st.integers(), max_size=3)
    | st.dictionaries(st.text(max_size=5) | st.integers(), st.integers(), max_size=3)
)
TOKENS = [
    *("&a ", "*a", "<<: *a", "[", "]", "{", "}", ": ", "- ", "\t", "\x07", "\ufeff", "|", ">", "'", '"', "#", "!!int "),
    *(
        "? ",
        "---\n",
        "%",
        "0o7",
        "1e999",
        "010",
        "1:30",
        "\n",
        "\r",
        "\u2028",
        "：",
        "\x85",
        "&a [*a, *a]",
        "=",
        "no: 1\n",
    ),
]


@pytest.fixture(autouse=True)
def schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "SCHEMA", ROOT / paths.SCHEMA)


def load(written: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo" / "card.yaml"
        path.parent.mkdir()
        path.write_bytes(written)
        with only(InputError):
            card = cards.load(path)
            assert all(item_names.VALID.match(item.name) for item in (*card.items, *card.marker))


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every entry of a card, as the collection that it stands in and its key."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in pairs for found in ((node, key), *places(value))]


@runs
def test_an_odd_value_in_any_place_gives_a_card_or_a_message(examples: int) -> None:
    @tried(examples)
    @given(st.sampled_from(CARDS), st.lists(st.tuples(st.integers(0, 10**6), ODD), min_size=1, max_size=3))
    def holds(card: dict, changes: list[tuple[int, Any]]) -> None:
        card = copy.deepcopy(card) | {"id": "demo"}
        for at, value in changes:
            every = places(card)
            inside, key = every[at % len(every)]
            inside[key] = value
        load(yaml.safe_dump(card, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass"))

    holds()


@runs
def test_a_damaged_text_gives_a_card_or_a_message(examples: int) -> None:
    @tried(examples)
    @given(
        st.sampled_from(TEXTS),
        st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 60), st.sampled_from(TOKENS)), min_size=1, max_size=3),
        st.sampled_from(["utf-8", "utf-8-sig", "gbk", "utf-16", "gb18030"]),
    )
    def holds(written: str, changes: list[tuple[int, int, str]], encoding: str) -> None:
        for at, length, token in changes:
            start = at % len(written)
            written = written[:start] + token + written[start + length :]
        load(written.encode(encoding, "replace"))

    holds()


@runs
def test_any_columns_become_different_names_that_a_model_can_hold(examples: int) -> None:
    columns = st.text(min_size=1, max_size=300) | st.sampled_from(
        ["Q1", "q1", "Q1-1", "1", "stickiness", "问题", "all", "mean_of_levels", "Control 1", "x__2"]
    )

    @tried(examples)
    @given(st.lists(columns, min_size=1, max_size=12, unique=True))
    def holds(raw: list[str]) -> None:
        items = [{"column": c, "construct": "trust", "range": [1, 5], "label": text("x")} for c in raw]
        survey = made(Survey, {"table": "answers", "items": items, "groups": {"q1": {}}})
        found = list(item_names.named(survey).values())
        assert len(set(found)) == len(raw)
        assert all(item_names.VALID.match(name) and not item_names.reserved(name) and name != "q1" for name in found)
        assert found == list(item_names.named(survey).values())

    holds()

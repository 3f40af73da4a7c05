"""Any text as `params.yaml` gives parameters that every stage can read, or an error of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import paths
from pipeline.core.errors import InputError
from tests.conftest import ROOT
from tests.properties.limits import only, runs, tried

VALID = (ROOT / "params.yaml").read_text(encoding="utf-8")
NUMBERS = ["0", "-1", "1e5", "1_000", "010", "0x1F", ".nan", ".inf", "-.inf", "2.0", "1:30", "9" * 5000, "9" * 400]
TAGS = ["*x", "&x 1", "!!int x", "!!python/name:os.system", "!!binary x", "!!set {a}", "&x [*x]", "? [a]"]
ODD = [*NUMBERS, *TAGS, "", "~", "yes", "''", "[]", "{}", "[a, [b]]", "{a: 1}", "2024-01-05", "2024-99-99", "'\\x00'"]
ODD += ["\t", "%", "@", "<<", "|\n", "${seed}"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["fiml", "ULS", "duckdb", "fast", "corp_rep", "a/b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The delivered file with a few lines altered, doubled, moved in, taken away or given another value."""
    lines = VALID.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["value", "value", "drop", "twice", "indent", "character", "cut"]))
        line = lines[place]
        if how == "value" and ":" in line:
            lines[place] = line.split(":")[0] + ": " + draw(st.sampled_from(ODD) | st.text(max_size=10))
        elif how == "drop" and len(lines) > 1:
            del lines[place]
        elif how == "twice":
            lines.insert(draw(st.integers(0, len(lines))), line)
        elif how == "indent":
            lines[place] = draw(st.sampled_from(["", " ", "  ", "    ", "\t", "- "])) + line.lstrip()
        elif how == "character":
            at = draw(st.integers(0, len(line)))
            lines[place] = line[:at] + draw(st.characters(exclude_categories=["Cs"])) + line[at:]
        elif how == "cut":
            lines = lines[: place + 1]
    return "\n".join(lines)


@st.composite
def altered(draw: st.DrawFn) -> str:
    """The delivered entries with one of them replaced, renamed or removed, at any depth."""
    tree = yaml.safe_load(VALID)
    at = tree
    key = draw(st.sampled_from(sorted(at)))
    while isinstance(at[key], dict) and draw(st.booleans()):
        at = at[key]
        key = draw(st.sampled_from(sorted(at)))
    how = draw(st.sampled_from(["value", "value", "rename", "remove"]))
    value = at.pop(key)
    if how == "value":
        at[key] = draw(VALUES)
    elif how == "rename":
        at[draw(st.text(max_size=6) | st.just(key + "s"))] = value
    return yaml.safe_dump(tree, allow_unicode=True)


def checked(content: bytes) -> None:
    """What passes has every entry that a stage looks up, with a usable value."""
    Path("params.yaml").write_bytes(content)
    with only(InputError):
        params = paths.params()
        assert all(isinstance(name, str) for name in params.data_sets)
        assert params.seed >= 0
        assert Path(params.mirror or ".").parts is not None
        assert params.structure.bootstrap >= 20
        assert params.structure.permutations >= 20
        assert params.measure.bootstrap >= 20
        assert 0 < params.events.memory < float("inf")
        assert params.panel.rows_in_memory >= 1
        assert params.doubtful.at_least >= 1
        assert all(0 < level < 1 for level in params.report.stars or ())


@runs
@pytest.mark.parametrize("strategy", [texts().map(str.encode), altered().map(str.encode), st.binary(max_size=60)])
def test_any_parameters_are_usable_or_refused(
    examples: int, strategy: st.SearchStrategy[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(VALID, encoding="utf-8")
    assert paths.params().data_sets, "what is delivered is usable"

    @tried(examples)
    @given(strategy)
    def holds(content: bytes) -> None:
        checked(content)

    holds()

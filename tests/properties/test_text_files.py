"""Any file under a card's name is a table or an error of ours: text, compressed or Parquet, nearly right."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cards.card import Card
from pipeline.core.errors import InputError
from pipeline.reading import sources
from tests.conftest import survey_card
from tests.properties.limits import only, runs, tried

ROWS = b"id,A1,A2,B1,B2,when\n" + b"".join(b"%d,1,2,3,4,2024-01-%02d\n" % (n, n) for n in range(1, 20))
PARQUET = io.BytesIO()
pd.read_csv(io.BytesIO(ROWS)).to_parquet(PARQUET)
ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a.csv", ROWS)
WHOLE = [ROWS, ROWS.decode().encode("utf-16"), gzip.compress(ROWS), bz2.compress(ROWS), lzma.compress(ROWS),
         ZIP.getvalue(), PARQUET.getvalue()]  # fmt: skip
PIECES = [b",", b'"', b"\n", b"\r", b"\0", b";", b"\t", b"\xff\xfe", b"\xef\xbb\xbf", b"1,2", b'""', b"\xc4\xe3", b"NA"]

files = st.fixed_dictionaries(
    {},
    optional={
        "separator": st.sampled_from([",", ";", "\t", "::", r"\s+", "|"]),
        "encoding": st.sampled_from(["utf-8", "gb18030", "utf-16", "latin-1", "big5", "utf-8-sig", "cp1252"]),
        "header": st.just(False),
        "columns": st.just(["id", "A1", "A2", "B1", "B2", "when"]),
        "format": st.sampled_from(["csv", "fixed", "parquet"]),
        "decimal": st.sampled_from([",", "."]),
    },
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A whole file with some pieces put in, taken out or cut off."""
    found = draw(st.sampled_from(WHOLE))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(found)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)))
        found = found[:at] + piece + found[at + draw(st.integers(0, 4)) :]
    return found[: draw(st.one_of(st.just(len(found)), st.integers(0, len(found))))]


@runs
def test_any_file_is_a_table_or_an_error_of_ours(examples: int, tmp_path: Path) -> None:
    @tried(examples)
    @given(damaged(), files, st.sampled_from(["t.csv", "t.parquet", "t.csv.gz", "t.zip", "t.xz", "t"]))
    def holds(content: bytes, file: dict[str, Any], name: str) -> None:
        card = survey_card("demo")
        if not file.get("header", True) and "columns" not in file:
            file = {**file, "header": True}
        card["source"]["files"]["table"] = {"path": name, "sha256": "0" * 64} | file
        (tmp_path / name).write_bytes(content)
        with only(InputError):
            sources.read(Card(tmp_path / "card.yaml", card), "table", tmp_path / name)

    holds()


@runs
def test_what_is_written_is_read(examples: int, tmp_path: Path) -> None:
    """Cells of any text, quoted where needed, come back in their columns and rows."""
    cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=6)

    @tried(examples)
    @given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5), st.booleans())
    def holds(rows: list[tuple[str, str]], trailing: bool) -> None:
        quoted = [",".join('"x' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
        path = tmp_path / "t.csv"
        path.write_text("A1,A2\n" + "".join(row + "," * trailing + "\n" for row in quoted), encoding="utf-8")
        card = survey_card("demo")
        card["source"]["files"]["table"] = {"path": "t.csv", "sha256": "0" * 64}
        found = sources.read(Card(tmp_path / "card.yaml", card), "table", path).frame
        assert found.to_numpy().tolist() == [["x" + cell for cell in row] for row in rows]

    holds()

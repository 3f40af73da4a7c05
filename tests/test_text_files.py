"""Ids in a text file stay what they are, whatever a program would take them for."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import re
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cards import card as cards
from pipeline.core.errors import InputError
from pipeline.reading import compressed
from pipeline.stages import acquire, clean
from tests.conftest import Project, base_card, survey_card, text


def counted(project: Project, rows: str, header: str = "user,when,land\n", **panel: object) -> pd.DataFrame:
    measures = {"stickiness": {"label": text("visits"), "agg": "count"}}
    project.log("demo", header + rows, **({"measures": measures} | panel))
    acquire.run("demo")
    clean.run("demo")
    return pd.read_parquet("results/demo/clean/panel.parquet")


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (["6000000000000000001", "6000000000000000002", ""], [6000000000000000001, 6000000000000000002]),
        (["001", "01", "1"], ["001", "01", "1"]),
        (["NA", "None", "null", "nan"], ["NA", "None", "nan", "null"]),
        (["9223372036854775808", "1"], ["1", "9223372036854775808"]),
        (["7", "-3", "0"], [-3, 0, 7]),
        (["007", "010"], [7, 10]),
    ],
)
def test_users_are_neither_merged_nor_lost(project: Project, ids: list[str], kept: list) -> None:
    panel = counted(project, "".join(f"{user},2024-01-05,x\n" for user in ids))
    assert panel["entity"].tolist() == kept
    assert panel["stickiness"].tolist() == [1] * len(kept)


def test_a_land_called_na_can_be_meant(project: Project) -> None:
    rows = "a,2024-01-05,NA\na,2024-01-06,US\nb,2024-01-05,NA\nb,2024-01-07,\n"
    named = {"stickiness": {"label": text("visits"), "agg": "count", "where": {"land": "NA"}}}
    assert counted(project, rows, measures=named)["stickiness"].tolist() == [1, 1]
    group = {"country": {"column": "land", "levels": {"NA": "namibia", "US": "usa"}}}
    assert counted(project, "a,2024-01-05,NA\nb,2024-01-05,US\n", groups=group)["country"].tolist() == [
        "namibia",
        "usa",
    ]
    others = {"country": {"column": "land", "levels": {"US": "usa"}}}
    assert counted(project, "a,2024-01-05,NA\nb,2024-01-05,US\n", groups=others)["country"].isna().tolist() == [
        True,
        False,
    ]


def test_dates_in_digits_keep_their_zeros_and_blanks(project: Project) -> None:
    time = {"column": "when", "format": "%d%m%Y"}
    assert counted(project, "a,05012024,x\na,06022024,x\na,,x\n", time=time)["time"].tolist() == [24288, 24289]


def test_respondents_keep_their_ids(project: Project) -> None:
    card = survey_card("demo")["survey"] | {"respondent": "id"}
    project.survey("demo", "id,platform,A1,A2,B1,B2\n01,tmall,1,2,NA,4\n1,notes,5,4,-99,2\n", survey=card)
    acquire.run("demo")
    clean.run("demo")
    survey = pd.read_parquet("results/demo/clean/survey.parquet")
    assert survey["respondent"].tolist() == ["01", "1"]
    assert survey["b1"].isna().all()


def test_an_unknown_encoding_is_found_before_the_file_is_opened(project: Project) -> None:
    card = base_card("demo") | {"survey": survey_card("demo")["survey"]}
    card["source"]["files"]["table"]["encoding"] = "gbkk"
    with pytest.raises(InputError, match=r"(?s)unknown encoding 'gbkk'.*did you mean 'gbk'"):
        cards.load(project.card("demo", card))


def read(project: Project, content: str | bytes, name: str = "table.csv", **file: object) -> pd.DataFrame:
    """A survey's raw table, from bytes as they lie on the disk."""
    raw = content.encode() if isinstance(content, str) else content
    card = survey_card("demo")
    del card["survey"]["groups"]
    card["source"]["files"]["table"] = {"path": name, "sha256": hashlib.sha256(raw).hexdigest()} | file
    project.card("demo", card)
    (project.folder / "data/demo" / name).write_bytes(raw)
    acquire.run("demo")
    return pd.read_parquet("results/demo/raw/table.parquet")


def ledger() -> pd.DataFrame:
    clean.run("demo")
    return pd.read_csv("results/demo/clean/ledger.csv").set_index("step")


ROWS = "A1,A2,B1,B2\n1,2,3,4\n5,4,3,2\n2,2,1,1\n"
VALUES = [[1, 2, 3, 4], [5, 4, 3, 2], [2, 2, 1, 1]]


@pytest.mark.parametrize(
    "content",
    [ROWS.replace("\n", ",\n").replace("B2,\n", "B2\n", 1), ROWS.replace("\n", ",\n"), ROWS.replace("4\n", "4,,,\n"),
     ROWS.replace("\n", "\r\n"), ROWS.replace("\n", "\r"), "\ufeff" + ROWS, "\n\n" + ROWS, ROWS.replace(",", ", "),
     ROWS.replace("A1", '"A1"').replace("5", '"5"'), ROWS.rstrip("\n")],
)  # fmt: skip
def test_no_answer_moves_to_another_column(project: Project, content: str) -> None:
    assert read(project, content)[["A1", "A2", "B1", "B2"]].to_numpy().tolist() == VALUES


def test_separators_and_blank_rows_that_are_left_out_are_in_the_ledger(project: Project) -> None:
    read(project, ROWS.replace("4\n", "4,\n") + ",,,\n\n , ,,\n")
    found = ledger()
    assert found.loc["blank_rows", ["rows_before", "rows_after"]].tolist() == [5, 3]
    assert found.loc["trailing_separators", "cells_changed"] == 1
    assert "read" in found.index
    assert found.loc["read", "rows_before"] == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [(ROWS.replace("\n1", "\nr1,1").replace("\n5", "\nr2,5").replace("\n2", "\nr3,2"), "one field more than there are"),
     (ROWS.replace("5,4,3,2", "5,4,3"), "row 3\n    found:    3 fields in a row"),
     (ROWS.replace("5,4,3,2", "5,4,3,2,1"), "row 3\n    found:    5 fields in a row"),
     (ROWS.replace("A2", "A1"), "2 columns named 'A1'"),
     (ROWS.replace("A2", ""), "values in column 2, which has no name"),
     (ROWS.replace(",", ";"), 'say separator: ";"'),
     (ROWS.replace(",", "\t"), r'say separator: "\t"'),
     (ROWS.replace("5,4", '"5,4'), "row 3\n    found:    a quoted field that does not end well"),
     (ROWS.replace("5,4", '5,"4\n2,"2'), "row 3\n    found:    a quoted field that does not end well"),
     (ROWS.replace("5", "5\0"), "row 3\n    found:    a NUL character"),
     (ROWS.encode("utf-16"), "say encoding: utf-16"), (ROWS.encode("utf-16-le"), "say encoding: utf-16-le"),
     (ROWS.replace("A1", "满意").encode("gb18030"), "row 1\n    found:    bytes that are no utf-8"),
     (ROWS.replace("A1", "满意").encode("gb18030"), "say encoding: gb18030"),
     (",".join(map(str, range(100_000))) + "\n", "100,000 columns"),
     ("A1,A2,B1,B2\n", "no data rows"), ("", "no data rows"), ("\n\n", "no data rows"),
     (b"PAR1" + ROWS.encode(), "say format: parquet"), (b"\x89HDF", "an HDF5 file")],
)  # fmt: skip
def test_a_table_that_is_none_is_an_error_with_its_line_and_remedy(
    project: Project, content: str | bytes, said: str
) -> None:
    with pytest.raises(InputError) as error:
        read(project, content)
    assert said in str(error.value)


def zstd(raw: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(raw)
    return out.getvalue().to_pybytes()


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_what_is_compressed_is_read_by_what_it_is_and_refused_when_cut_off(project: Project, compress: Any) -> None:
    whole = compress(ROWS.encode())
    assert read(project, whole, "table.csv").to_numpy().tolist() == VALUES
    with pytest.raises(InputError, match="get the file again"):
        read(project, whole[: len(whole) - 6], "table.csv")


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, ROWS)
    return out.getvalue()


def test_a_zip_holds_one_table(project: Project) -> None:
    assert read(project, zipped("a.csv"), "table.zip").to_numpy().tolist() == VALUES
    for content, said in ((zipped("a.csv", "b.csv"), "an archive of 2 files: a.csv, b.csv"),
                          (zipped("[Content_Types].xml"), "an Excel workbook"), (zipped("a.csv")[:-9], "get the file"),
                          (ROWS.encode(), "no such compression")):  # fmt: skip
        with pytest.raises(InputError, match=re.escape(said)):
            read(project, content, "table.zip")


def test_a_bomb_is_refused_before_it_is_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same table is read where so many bytes are allowed to any file."""
    content = gzip.compress(b"A1,A2,B1,B2\n" + b"1,2,3,4\n" * 200_000, 9)
    assert 1.1 * compressed.EXPANDS * len(content) < 1_600_000 < compressed.ANYWAY
    assert len(read(project, content, "table.csv.gz")) == 200_000
    monkeypatch.setattr(compressed, "ANYWAY", 2**18)
    with pytest.raises(InputError, match="unfolds to more than"):
        read(project, content, "table.csv.gz")


@pytest.mark.parametrize(("first", "line"), [("A1,A2,B1,B2,note\n", 4), ("\nA1,A2,B1,B2,note\n", 5)])
def test_messages_name_the_line_that_an_editor_shows(project: Project, first: str, line: int) -> None:
    read(project, first + '1,2,3,4,"two\nlines"\n9,2,3,4,x\n')
    with pytest.raises(InputError, match=f"table.csv, row {line}, column A1"):
        clean.run("demo")


def test_a_separator_of_several_characters_is_taken_as_it_is(project: Project) -> None:
    assert read(project, ROWS.replace(",", "::"), separator="::").to_numpy().tolist() == VALUES


@pytest.mark.parametrize("nested", [[[1], [2]], [{"a": 1}, {"a": 2}]])
def test_nested_columns_are_refused_and_can_be_left_out(project: Project, nested: list) -> None:
    frame = pd.DataFrame({"A1": [1, 5], "A2": [1, 2], "B1": [3, 3], "B2": [4, 4], "more": nested})
    out = io.BytesIO()
    frame.to_parquet(out)
    with pytest.raises(InputError, match="columns to keep under source.files.table.columns"):
        read(project, out.getvalue(), "table.parquet")
    kept = read(project, out.getvalue(), "table.parquet", columns=["A1", "A2", "B1", "B2"])
    assert kept["A1"].tolist() == [1, 5]
    for damaged in (out.getvalue()[:-20], out.getvalue()[:50] + b"x" * 40 + out.getvalue()[90:], b"PAR1"):
        with pytest.raises(InputError, match=r"table\.parquet"):
            read(project, damaged, "table.parquet")


def test_types_of_parquet_are_numbers_and_texts(project: Project) -> None:
    columns = {
        "A1": pa.array([Decimal("1.0"), Decimal("5.0")]), "A2": pa.array([1, 2], pa.uint8()),
        "B1": pa.array(["3", "4"]).dictionary_encode(), "B2": pa.array([1, 2], pa.float16()),
        "note": pa.array([b"a", b"b"]), "day": pa.array([date(2024, 1, 5), date(9999, 12, 31)]),
    }  # fmt: skip
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    found = read(project, out.getvalue(), "table.parquet")
    assert found["A1"].tolist() == [1, 5]
    assert found["note"].tolist() == ["a", "b"]
    clean.run("demo")
    assert pd.read_parquet("results/demo/clean/survey.parquet")["b1"].tolist() == [3, 4]


def test_clean_without_acquire_says_what_to_run(project: Project) -> None:
    project.survey("demo", ROWS)
    with pytest.raises(InputError, match="run `stickiness stage acquire demo` first"):
        clean.run("demo")

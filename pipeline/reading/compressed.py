"""A file's bytes, uncompressed while they are read: what the file is decides, not its name, and a bomb is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import as_is, worded

# How many times its size a file may unfold: tables of text reach 50, bombs 1,000. Small files may do so anyway.
EXPANDS, ANYWAY = 200, 2**28

SIGNATURES = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst", b"PK": "zip"}
OTHERS = {
    b"PAR1": (worded("parquet_file"), worded("say_format_parquet_on_card")),
    b"$FL": (worded("spss_file"), worded("save_as_csv")),
    b"<stata_dta>": (worded("stata_file"), worded("save_as_csv")),
    b"\xd0\xcf\x11\xe0": (worded("old_excel_or_office_file"), worded("save_sheet_as_csv")),
    b"RDX": (worded("r_workspace"), worded("write_with_write_csv")),
    b"\x89HDF": (worded("hdf5_file"), worded("write_as_csv_or_parquet")),
    b"ARROW1": (worded("arrow_file"), worded("write_table_as_parquet")),
    b"7z\xbc\xaf": (worded("archive_of_7z"), worded("unpack_it_and_name_table")),
    b"Rar!": (worded("rar_archive"), worded("unpack_it_and_name_table")),
    b"%PDF": (worded("pdf"), worded("get_table_itself")),
}
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def kind(path: Path) -> str:
    """gz, bz2, xz, zst or zip by the first bytes, else nothing.

    Raises
    ------
    InputError
        For files of other programs, and for a name that promises a compression which is not there.
    """
    with path.open("rb") as file:
        start = file.read(512)
    for signature, (what, fix) in OTHERS.items():
        if start.startswith(signature):
            raise InputError(Problem(str(path), what, worded("table_of_text"), fix))
    found = next((name for signature, name in SIGNATURES.items() if start.startswith(signature)), "")
    promised = path.suffix.lower().lstrip(".")
    if not found and promised in SIGNATURES.values():
        expected = worded("file_as_its_name_says", promised=promised)
        raise InputError(
            Problem(str(path), worded("no_such_compression"), expected, worded("get_again_or_correct_name"))
        )
    if start[257:262] == b"ustar" or path.suffix.lower() == ".tar" or ".tar." in path.name.lower():
        raise InputError(Problem(str(path), worded("tar_archive"), worded("one_table"), worded("unpack_and_name_file")))
    return found


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, uncompressed.

    Raises
    ------
    InputError
        For a file that is cut off or damaged, unfolds without end, or is an archive of several files.
    """
    form = kind(path)
    try:
        with path.open("rb") as file:
            raw = _inside(path, file, form)
            yield io.BufferedReader(_Counted(path, raw, form)) if form else raw
    except BROKEN as error:
        what = worded("whole_file", form=form) if form else worded("file_that_can_be_read")
        raise InputError(
            Problem(str(path), as_is(str(error) or type(error).__name__), what, worded("get_file_again"))
        ) from None


def _inside(path: Path, file: IO[bytes], form: str) -> Any:
    if form == "gz":
        return gzip.GzipFile(fileobj=file)
    if form == "bz2":
        return bz2.BZ2File(file)
    if form == "xz":
        return lzma.LZMAFile(file)
    if form == "zst":
        return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
    if form == "zip":
        return _only_member(path, zipfile.ZipFile(file))
    return file


def _only_member(path: Path, archive: zipfile.ZipFile) -> IO[bytes]:
    names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")]
    if "[Content_Types].xml" in names:
        fix = worded("save_sheet_and_name_it")
        raise InputError(Problem(str(path), worded("excel_workbook"), worded("table_of_text"), fix))
    if len(names) != 1:
        listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        found = worded("archive_of_files", n=len(names), names=listed)
        raise InputError(Problem(str(path), found, worded("archive_of_one_table"), worded("unpack_and_name_file")))
    if archive.getinfo(names[0]).flag_bits & 1:
        raise InputError(
            Problem(str(path), worded("archive_with_password"), worded("one_without_password"), worded("unpack_it"))
        )
    return archive.open(names[0])


class _Counted(io.RawIOBase):
    """Bytes that stop where a file has unfolded further than a table of text would."""

    def __init__(self, path: Path, raw: IO[bytes], form: str) -> None:
        self.path, self.raw, self.form, self.done = path, raw, form, 0
        self.limit = max(ANYWAY, EXPANDS * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.raw.read(len(buffer))
        buffer[: len(data)] = data
        self.done += len(data)
        if self.done > self.limit:
            found = worded("unfolds_to_more_bytes", form=self.form, limit=self.limit)
            expected = worded("unfolds_to_times_its_size", expands=EXPANDS)
            raise InputError(Problem(str(self.path), found, expected, worded("unpack_and_name_file")))
        return len(data)

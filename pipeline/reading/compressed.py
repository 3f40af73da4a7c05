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

from pipeline.core.errors import InputError, Problem, worded

# How many times its size a file may unfold: tables of text reach 50, bombs 1,000. Small files may do so anyway.
EXPANDS, ANYWAY = 200, 2**28

SIGNATURES = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst", b"PK": "zip"}
OTHERS = {
    b"PAR1": ("a Parquet file", "say format: parquet on the card"),
    b"$FL": ("an SPSS file", "save it as CSV UTF-8"),
    b"<stata_dta>": ("a Stata file", "save it as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Office file", "save the sheet as CSV UTF-8"),
    b"RDX": ("an R workspace", "write the data frame with write.csv(…, row.names = FALSE)"),
    b"\x89HDF": ("an HDF5 file", "write the table as CSV or Parquet"),
    b"ARROW1": ("an Arrow file", "write the table as Parquet"),
    b"7z\xbc\xaf": ("a 7z archive", "unpack it, and name the table"),
    b"Rar!": ("a RAR archive", "unpack it, and name the table"),
    b"%PDF": ("a PDF", "get the table itself"),
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
            raise InputError(Problem(str(path), what, "a table of text", fix))
    found = next((name for signature, name in SIGNATURES.items() if start.startswith(signature)), "")
    promised = path.suffix.lower().lstrip(".")
    if not found and promised in SIGNATURES.values():
        expected = worded("a {promised} file, as its name says", promised=promised)
        raise InputError(Problem(str(path), "no such compression", expected, "get it again, or correct the name"))
    if start[257:262] == b"ustar" or path.suffix.lower() == ".tar" or ".tar." in path.name.lower():
        raise InputError(Problem(str(path), "a tar archive", "one table", "unpack it, and name the table's file"))
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
        what = worded("a whole {form_} file", form_=form) if form else "a file that can be read"
        raise InputError(Problem(str(path), str(error) or type(error).__name__, what, "get the file again")) from None


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
        fix = "save the sheet as CSV UTF-8, and name that file"
        raise InputError(Problem(str(path), "an Excel workbook (or another Office file)", "a table of text", fix))
    if len(names) != 1:
        listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        found = worded("an archive of {n} files: {names}", n=len(names), names=listed)
        raise InputError(Problem(str(path), found, "an archive of one table", "unpack it, and name the table's file"))
    if archive.getinfo(names[0]).flag_bits & 1:
        raise InputError(Problem(str(path), "an archive with a password", "one without", "unpack it"))
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
            found = worded(
                "a {form_} file that unfolds to more than {limit:,} bytes", form_=self.form, limit=self.limit
            )
            expected = worded("a table that unfolds to at most {expands} times its size", expands=EXPANDS)
            raise InputError(Problem(str(self.path), found, expected, "unpack it, and name the table's file"))
        return len(data)

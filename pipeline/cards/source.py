"""Where a card says that its data lie: names and addresses that only ever lead to data."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

from pipeline.cards.panel import Finding
from pipeline.cards.parts import Source
from pipeline.core.errors import near
from pipeline.wording.texts import Worded, as_is, worded

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5", "latin-1", "cp1252")
SCHEMES = ("http", "https", "ftp", "file")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")


def findings(source: Source) -> Iterator[Finding]:
    """What is wrong with the paths, addresses and encodings of the files of a card."""
    for table, file in source.files.items():
        at: tuple = ("source", "files", table)
        if not _inside(file.path):
            fix = worded("put_file_there_and_name_it")
            yield ((*at, "path"), as_is(repr(file.path)), worded("file_of_data_set_folder"), fix)
        if file.url and (wrong := _address(file.url)):
            fix = worded("write_whole_address")
            yield (
                (*at, "url"),
                worded("form_is_wrong", form=file.url, wrong=wrong),
                worded("address_for_example"),
                fix,
            )
        if not _known_encoding(file.encoding):
            yield (
                (*at, "encoding"),
                worded("unknown_encoding", encoding=file.encoding),
                worded("encoding_that_python_knows"),
                near(file.encoding, ENCODINGS),
            )


def _inside(path: str) -> bool:
    """Whether a path stays in the folder that it starts from, on any system."""
    either = PurePosixPath(path), PureWindowsPath(path)
    outside = any(p.is_absolute() or p.anchor or ".." in p.parts for p in either)
    return bool(path.strip()) and not outside and path.isprintable()


def _address(url: str) -> Worded | None:
    if _BLANK.search(url):
        return worded("has_blank_or_line_break")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return as_is(error)
    if parts.scheme.lower() not in SCHEMES:
        return worded("does_not_begin_with", schemes=", ".join(f"{scheme}://" for scheme in SCHEMES))
    return None if parts.netloc or parts.scheme == "file" else worded("it_names_no_host")


def _known_encoding(name: str) -> bool:
    """Whether Python has an encoding of text by this name (`base64`, `rot13` and the like are none)."""
    try:
        return codecs.lookup(name)._is_text_encoding  # type: ignore[attr-defined]
    except (LookupError, ValueError):
        return False

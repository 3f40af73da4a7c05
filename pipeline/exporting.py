"""`stickiness export`: a finished report as Word, PDF, Excel, CSV, LaTeX and pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pipeline.core import paths

FORMATS = ("docx", "pdf", "xlsx", "csv", "latex", "figures")


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    export = verbs.add_parser("export", help="the report of data sets as Word, PDF, Excel, CSV, LaTeX and pictures")
    export.add_argument("data_set", nargs="+", help="data sets with a finished run")
    export.add_argument("--language", choices=["en", "zh"], nargs="+", default=["en", "zh"], help="default: both")
    export.add_argument("--format", choices=FORMATS, nargs="+", default=list(FORMATS), help="default: all of them")
    export.add_argument("--to", type=Path, default=paths.RESULTS / "exports", help="folder (default: results/exports)")


def run(options: argparse.Namespace) -> int:
    """Write the files, a folder a data set and language."""
    from reports.exports import document, files

    for name in options.data_set:
        paths.made(name, "judge", "judge", "verdicts.csv")
    for name in options.data_set:
        for language in options.language:
            with paths.whole(options.to / name / language) as draft:
                draft.mkdir()
                files.write(document.document(name, language), draft, tuple(options.format))
            print(options.to / name / language)
    return 0

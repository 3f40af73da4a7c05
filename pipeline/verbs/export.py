"""`stickiness export`: finished reports as Word, PDF, Excel, CSV, LaTeX and pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.core import paths
from pipeline.verbs import named
from pipeline.wording.words import LANGUAGES, said

FORMATS = ("docx", "pdf", "xlsx", "csv", "latex", "figures")


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser("export", help=said("export_help"))
    verb.add_argument("data_set", nargs="+", metavar=said("set"), help=said("export_set_help"))
    verb.add_argument("--language", choices=LANGUAGES, nargs="+", help=said("export_language_help"))
    verb.add_argument("--format", choices=FORMATS, nargs="+", default=FORMATS, help=said("export_format_help"))
    verb.add_argument("--to", type=Path, default=paths.RESULTS / "exports", help=said("export_to_help"))


def run(options: argparse.Namespace) -> int:
    """Write the files, a folder a data set and language."""
    from reports.exports import document, files

    names = named.checked(options.data_set)
    asked = paths.params().report.language
    languages = options.language or ([asked] if asked else LANGUAGES)
    for name in names:
        paths.made(name, "judge", "judge", "verdicts.csv")
    for name in names:
        for language in languages:
            with paths.whole(options.to / name / language) as draft:
                draft.mkdir()
                files.write(document.document(name, language), draft, tuple(options.format))
            print(options.to / name / language)
    return 0

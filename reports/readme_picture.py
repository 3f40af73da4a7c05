"""The pictures of the read-me, from the last run of `corp_rep`: `python -m reports.readme_picture`."""

from __future__ import annotations

from pathlib import Path

import vl_convert

from reports import reading
from reports.figures import path_diagram
from reports.texts import LANGUAGES, Texts

DATA_SET = "corp_rep"
PICTURES = {"en": Path("reports/picture.png"), "zh": Path("reports/picture.zh.png")}
# Twice as many pixels as points, so that it is sharp on the screens of today.
SCALE = 2.0


def main() -> None:
    """Write the picture in each language."""
    report = reading.read(DATA_SET)
    for language in LANGUAGES:
        drawn = path_diagram.figure(report, Texts(language)).svg
        PICTURES[language].write_bytes(vl_convert.svg_to_png(drawn, scale=SCALE))


if __name__ == "__main__":
    main()

"""The pictures of the tutorial, from its report: `uv run python docs/pictures.py results/report/my_study`.

Needs Chromium. A picture is a part of the page as the browser shows it, or a figure of the page.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

FOUND = {"en": "tutorial_found.en.png", "zh": "tutorial_found.zh.png"}
PATHS = {"en": "tutorial_paths.en.png", "zh": "tutorial_paths.zh.png"}
WIDTH, COLOURS = 820, 24
# Where "What was found" stands on the page, and how tall the figure of two constructs is.
SUMMARY, FIGURE = (270, 545), (0, 190)


def taken(address: str, name: str, part: tuple[int, int]) -> None:
    """Write the part of a page between two heights, in few colours."""
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.png"
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--window-size={WIDTH},{part[1]}",
        ]
        options += ["--allow-file-access-from-files", f"--screenshot={whole}"]
        subprocess.run(["chromium", *options, address], check=True, capture_output=True)
        with Image.open(whole) as shown:
            cut = shown.convert("RGB").crop((0, part[0], WIDTH, part[1])).quantize(COLOURS)
    cut.save(Path(__file__).with_name(name), optimize=True)


def main(report: Path) -> None:
    """Take the pictures in both languages."""
    for language in FOUND:
        taken((report / f"{language}.html").resolve().as_uri(), FOUND[language], SUMMARY)
        with TemporaryDirectory() as folder:
            figure = (report / "figures" / f"path_diagram.{language}.svg").resolve().as_uri()
            page = Path(folder) / "figure.html"
            page.write_text(f'<body style="margin:12px"><img src="{figure}" width="760">', encoding="utf-8")
            taken(page.as_uri(), PATHS[language], FIGURE)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Figures as SVG, PNG and PDF files."""

from __future__ import annotations

from pathlib import Path

import pylopdf_fonts_zh_cn
import vl_convert

from reports.exhibits import Figure
from reports.exports.document import Exhibit

# Of print: the pixels of a picture of 17 cm at 300 dots an inch.
SCALE = 3.0


def write(exhibit: Exhibit, folder: Path) -> None:
    """Write a figure in the three forms."""
    assert isinstance(exhibit.of, Figure)
    svg = exhibit.of.svg
    vl_convert.register_font_directory(str(Path(pylopdf_fonts_zh_cn.sans_path()).parent))
    (folder / f"{exhibit.slug}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{exhibit.slug}.png").write_bytes(vl_convert.svg_to_png(svg, scale=SCALE))
    (folder / f"{exhibit.slug}.pdf").write_bytes(vl_convert.svg_to_pdf(svg))

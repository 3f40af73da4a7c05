"""Text of figures as text: searchable, editable, in a font that each SVG carries, so that it looks alike everywhere."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable
from functools import cache
from html import unescape

import pylopdf_fonts_zh_cn
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path

FAMILY = "Noto Sans SC"
# Where the font that a figure carries is not read, as by programs that edit figures.
STACK = (FAMILY, "Source Han Sans SC", "PingFang SC", "Microsoft YaHei")
_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")
_STYLE = '<style type="text/css">'
# Points of an outline that each of its commands takes.
_TAKES = {Path.MOVETO: 1, Path.LINETO: 1, Path.CURVE4: 3, Path.CLOSEPOLY: 1}


def carried(svg: str) -> str:
    """An SVG of which the text is text, with the font's shapes of its characters."""
    characters = {sign for text in _TEXT.findall(svg) for sign in unescape(text)}
    if not characters:
        return svg
    font = base64.b64encode(_font(characters)).decode("ascii")
    families = ",".join([*(f"'{name}'" for name in STACK), "sans-serif"])
    face = f"@font-face{{font-family:'{FAMILY}';src:url(data:font/otf;base64,{font})}}text{{font-family:{families}}}"
    return svg.replace(f"font-family: '{FAMILY}'; ", "").replace(_STYLE, _STYLE + face, 1)


def _font(characters: Iterable[str]) -> bytes:
    """An OpenType font of these characters alone, the same bytes every time.

    To cut the installed font takes ten times as long, since all its 30,000 shapes are read.
    """
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    face, missing = _face(), ".notdef"
    width = face.units_per_EM
    shapes, widths = {missing: T2CharStringPen(width, None).getCharString()}, {missing: (width, 0)}
    names = {ord(sign): f"u{ord(sign):04X}" for sign in sorted(characters)}
    for code, name in names.items():
        glyph = face.load_char(code, flags=LoadFlags.NO_HINTING | LoadFlags.NO_BITMAP)
        pen = T2CharStringPen(round(glyph.linearHoriAdvance / 2**16), None)
        _trace(pen, *face.get_path())
        shapes[name], widths[name] = pen.getCharString(), (round(glyph.linearHoriAdvance / 2**16), 0)
    built = FontBuilder(face.units_per_EM, isTTF=False)
    # The box around all shapes is that of the whole font: to measure the few takes longer than to write them.
    built.font.recalcBBoxes = False
    box = dict(zip(("xMin", "yMin", "xMax", "yMax"), face.bbox, strict=True))
    built.setupGlyphOrder(list(shapes))
    built.setupCharacterMap(names)
    built.setupCFF(FAMILY.replace(" ", ""), {"FontBBox": list(face.bbox)}, shapes, {})
    built.setupHorizontalMetrics(widths)
    widest = max(advance for advance, _ in widths.values())
    built.setupHorizontalHeader(ascent=face.ascender, descent=face.descender, advanceWidthMax=widest)
    built.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    typographic = {"sTypoAscender": face.ascender, "sTypoDescender": face.descender}
    built.setupOS2(**typographic, usWinAscent=face.ascender, usWinDescent=-face.descender)
    built.setupPost()
    built.updateHead(created=0, modified=0, **box)
    written = io.BytesIO()
    built.save(written)
    return written.getvalue()


@cache
def _face() -> FT2Font:
    """The installed font at the size at which a pixel is a unit of its own."""
    face = FT2Font(str(pylopdf_fonts_zh_cn.sans_path()))
    face.set_size(face.units_per_EM, 72)
    return face


def _trace(pen, points, commands) -> None:
    """Draw an outline."""
    whole = [(float(round(x)), float(round(y))) for x, y in points]
    drawn = {Path.MOVETO: pen.moveTo, Path.LINETO: pen.lineTo, Path.CURVE4: pen.curveTo}
    at = 0
    while at < len(commands):
        command = commands[at]
        taken = whole[at : at + _TAKES[command]]
        drawn[command](*taken) if command in drawn else pen.closePath()
        at += len(taken)

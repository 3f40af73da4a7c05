"""Text of figures as text: searchable, editable, in a font that each SVG carries, so that it looks alike everywhere."""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from html import unescape
from pathlib import Path

import pylopdf_fonts_zh_cn

from models import theory
from reports.texts import LANGUAGES, catalogue

FAMILY = "Noto Sans SC"
# Where the font that a figure carries is not read, as by programs that edit figures.
STACK = (FAMILY, "Source Han Sans SC", "PingFang SC", "Microsoft YaHei")
_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")
_STYLE = '<style type="text/css">'
# Words that stand in figures: most characters of any figure are among them.
USUAL = ("axis.", "choice.", "group.", "level.", "model.", "term.", "quantity.", "simulated.")
SIGNS = "−×²→↔…"


def carried(svg: str) -> str:
    """An SVG of which the text is text, with the font's shapes of its characters."""
    characters = {sign for text in _TEXT.findall(svg) for sign in unescape(text)}
    if not characters:
        return svg
    font = base64.b64encode(_cut(_source(frozenset(characters)), characters, hinted=True)).decode("ascii")
    families = ",".join([*(f"'{name}'" for name in STACK), "sans-serif"])
    face = f"@font-face{{font-family:'{FAMILY}';src:url(data:font/otf;base64,{font})}}text{{font-family:{families}}}"
    return svg.replace(f"font-family: '{FAMILY}'; ", "").replace(_STYLE, _STYLE + face, 1)


_kept: list[tuple[frozenset[str], bytes]] = []


def _source(characters: frozenset[str]) -> bytes:
    """A small font that has the characters, since all 30,000 shapes take longer to read than a figure to draw."""
    for known, font in _kept:
        if characters <= known:
            return font
    chinese = any(sign >= "\u2e80" for sign in characters)
    usual = {sign for sign in _usual() if chinese or sign < "\u2e80"}
    earlier = {sign for known, _ in _kept for sign in known if chinese or sign < "\u2e80"}
    ours = characters | usual | earlier
    font = _cut(Path(pylopdf_fonts_zh_cn.sans_path()).read_bytes(), ours)
    _kept.append((ours, font))
    return font


@cache
def _usual() -> frozenset[str]:
    """Characters of the words that figures use in any language, and those of a keyboard."""
    words = [text for language in LANGUAGES for key, text in catalogue(language).items() if key.startswith(USUAL)]
    labels = [one.label for one in theory.constructs().values()] + [
        one.label for one in theory.platform_types().values()
    ]
    words += [SIGNS, *(word for label in labels for word in label.values())]
    return frozenset(sign for word in words for sign in word) | frozenset(map(chr, range(32, 127)))


def _cut(font: bytes, characters: set[str] | frozenset[str], hinted: bool = False) -> bytes:
    """A font with the shapes of these characters alone, the same bytes every time.

    Parameters
    ----------
    hinted : hints stay as they are; of a font that has none any more they need not be looked for.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(layout_features=[], hinting=hinted, name_IDs=[1, 2], recalc_timestamp=False)
    options.drop_tables += ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    opened = TTFont(io.BytesIO(font), lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(opened)
    written = io.BytesIO()
    opened.save(written)
    return written.getvalue()

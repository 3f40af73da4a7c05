"""Tables as LaTeX with booktabs, one file each, and a document that inputs them all."""

from __future__ import annotations

import re

from reports.exhibits import NUMBER, Band, Table
from reports.exports import cells, layout
from reports.exports.document import Document, Exhibit

_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "–": "--", "×": r"$\times$", "≥": r"$\geq$",
    "≤": r"$\leq$", "<": "$<$", ">": "$>$", "→": r"$\rightarrow$", "χ": r"$\chi$", "α": r"$\alpha$", "β": r"$\beta$",
    "Δ": r"$\Delta$", "ω": r"$\omega$", "²": r"$^2$", "δ": r"$\delta$", "τ": r"$\tau$", "λ": r"$\lambda$",
    "ρ": r"$\rho$", "√": r"$\surd$",
    "σ": r"$\sigma$", "θ": r"$\theta$", "μ": r"$\mu$", "γ": r"$\gamma$", "κ": r"$\kappa$",
    "Σ": r"$\Sigma$", "≈": r"$\approx$", "≠": r"$\neq$", "·": r"$\cdot$", "′": r"$'$",
}  # fmt: skip
_PREAMBLE = r"""\documentclass[10pt]{%s}
\usepackage[margin=2.3cm]{geometry}
\usepackage{booktabs,threeparttable,longtable,graphicx,pdflscape,array}
\begin{document}
"""


def table_text(exhibit: Exhibit) -> str:
    """One table: heads between rules, notes below; a long one runs over pages, a wide one shrinks to the line."""
    table = exhibit.of
    assert isinstance(table, Table)
    kept = table.filled
    columns = "".join("r" if table.kinds[i] == NUMBER else "l" for i in kept)
    head = " & ".join(_cell(table.head[i]) for i in kept) + r" \\"
    body = [
        rf"\multicolumn{{{len(kept)}}}{{l}}{{\textit{{{escaped(cells.plain(row.label))}}}}} \\"
        if isinstance(row, Band)
        else " & ".join(_cell(row[i]) for i in kept) + r" \\"
        for row in table.rows
    ]
    notes = "\n".join(rf"\item {escaped(note)}" for note in exhibit.notes)
    drawn = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if layout.wide(table):
        drawn = [r"\resizebox{\linewidth}{!}{%", *drawn, "}"]
    lines = [
        r"\begin{table}[htbp]",
        r"\centering\small",
        r"\begin{threeparttable}",
        rf"\caption{{{escaped(exhibit.caption)}}}",
        rf"\label{{tab:{exhibit.of.name.replace('_', '-')}}}",
        *drawn,
        *([r"\begin{tablenotes}\footnotesize", notes, r"\end{tablenotes}"] if notes else []),
        r"\end{threeparttable}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def document_text(document: Document) -> str:
    """A document of all tables, for pdflatex, or xelatex where the language is Chinese."""
    inputs = "\n".join(rf"\input{{{exhibit.slug}.tex}}" for exhibit in document.tables)
    kind = "ctexart" if document.language == "zh" else "article"
    title = rf"\section*{{{escaped(document.title)}}}"
    banner = rf"\noindent\textbf{{{escaped(document.banner)}}}" if document.banner else ""
    return _PREAMBLE % kind + "\n".join([title, banner, inputs, r"\end{document}"]) + "\n"


def escaped(text: str) -> str:
    """A text with every sign that LaTeX reads otherwise."""
    return "".join(_SPECIAL.get(sign, sign) for sign in text).replace("$$", "")


def _cell(cell: object) -> str:
    marks = {"sup": r"\textsuperscript{%s}", "sub": r"\textsubscript{%s}", "": "%s"}
    lines = ["".join(marks[run.position] % escaped(run.text) for run in line) for line in cells.lines(cell)]
    joined = r"\\ ".join(filter(None, (re.sub(r"\s+", " ", line).strip() for line in lines)))
    return rf"\shortstack{{{joined}}}" if r"\\ " in joined else joined

"""What stands below an exhibit: the model that was estimated, the same in the other language, a figure's files."""

from __future__ import annotations

from markupsafe import Markup

from reports.texts import HTML_LANG, Texts


def model(text: str, texts: Texts) -> Markup:
    """A model in a fold, as the programs read it; nothing where there is none."""
    if not text:
        return Markup("")
    fold = Markup('<details class="model"><summary>{}</summary><pre tabindex="0"><code>{}</code></pre></details>')
    return fold.format(texts("exhibit.model"), text)


def links(label: str, files: dict[str, str], texts: Texts) -> Markup:
    """Links to the exhibit `label` on the page of the other language, and to its files by kind."""
    other = HTML_LANG[texts.other]
    switch = Markup('<a href="{}.html#{}" lang="{}" hreflang="{}">{}</a>').format(
        texts.other, label, other, other, Texts(texts.other)("language.switch")
    )
    said = [Markup('<a href="{}">{}</a>').format(file, texts(f"exhibit.{kind}")) for kind, file in files.items()]
    return Markup('<p class="links">{}</p>').format(Markup(" ").join([switch, *said]))


def file(name: str, kind: str, texts: Texts) -> str:
    """Where a figure lies as a file of a kind, from the page."""
    return f"figures/{name}.{texts.language}.{kind}"

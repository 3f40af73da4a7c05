"""A path diagram as a file for diagrams.net: every shape and arrow can be moved and written on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

# Pixels of diagrams.net in a unit of the figure.
UNIT = 130
ELLIPSE = "ellipse;whiteSpace=wrap;html=1;strokeColor=#1b1b1b;fillColor=#ffffff;"
BOX = "rounded=0;whiteSpace=wrap;html=1;strokeColor=#1b1b1b;fillColor=#ffffff;"
NOTE = "text;html=1;align=left;verticalAlign=top;fontStyle=1;fontColor=#8b1a1a;"
LINE = "html=1;strokeColor=#1b1b1b;labelBackgroundColor=#ffffff;"
DASHED, CURVED, DIRECTED = "dashed=1;", "curved=1;startArrow=classic;startFill=1;", "endArrow=classic;endFill=1;"


@dataclass(frozen=True)
class Shape:
    """An ellipse or box around a centre, in units of the figure (y upwards)."""

    name: str
    label: str
    x: float
    y: float
    width: float
    height: float
    style: str = ELLIPSE


@dataclass(frozen=True)
class Link:
    """An arrow between two shapes."""

    start: str
    end: str
    label: str
    style: str = LINE + DIRECTED


def text(pages: Iterable[tuple[str, Sequence[Shape], Sequence[Link]]]) -> str:
    """The file.

    Parameters
    ----------
    pages
        Title, shapes and links of every page.
    """
    file = ElementTree.Element("mxfile", host="app.diagrams.net")
    for number, (title, shapes, links) in enumerate(pages):
        diagram = ElementTree.SubElement(file, "diagram", id=f"page-{number}", name=title)
        model = ElementTree.SubElement(diagram, "mxGraphModel", page="1", math="0")
        root = ElementTree.SubElement(model, "root")
        ElementTree.SubElement(root, "mxCell", id="0")
        ElementTree.SubElement(root, "mxCell", {"id": "1", "parent": "0"})
        left, top = min(s.x - s.width / 2 for s in shapes), max(s.y + s.height / 2 for s in shapes)
        for shape in shapes:
            _shape(root, shape, left, top)
        for place, link in enumerate(links):
            _link(root, link, f"link-{place}")
    ElementTree.indent(file)
    return ElementTree.tostring(file, encoding="unicode") + "\n"


def _shape(root: ElementTree.Element, shape: Shape, left: float, top: float) -> None:
    label = shape.label.replace("\n", "<br>")
    is_shape = {"id": shape.name, "value": label, "style": shape.style, "vertex": "1", "parent": "1"}
    cell = ElementTree.SubElement(root, "mxCell", is_shape)
    places = {
        "x": shape.x - shape.width / 2 - left,
        "y": top - shape.y - shape.height / 2,
        "width": shape.width,
        "height": shape.height,
    }
    sizes = {name: f"{UNIT * size:.0f}" for name, size in places.items()}
    cell.append(ElementTree.Element("mxGeometry", sizes | {"as": "geometry"}))


def _link(root: ElementTree.Element, link: Link, name: str) -> None:
    is_link = {"id": name, "value": link.label.replace("\n", "<br>"), "style": link.style, "edge": "1"}
    ends = {"parent": "1", "source": link.start, "target": link.end}
    cell = ElementTree.SubElement(root, "mxCell", is_link | ends)
    cell.append(ElementTree.Element("mxGeometry", {"relative": "1", "as": "geometry"}))

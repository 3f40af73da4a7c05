"""A further name in the list `data_sets` of params.yaml, which otherwise stays as somebody wrote it."""

from __future__ import annotations

import json
import re

import yaml

from pipeline.core import params, yaml_files
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded

_PLAIN = re.compile(r"[^\W\d_]\w*\Z")


def add(name: str) -> None:
    """Add a data set at the end of the list.

    Raises
    ------
    InputError
        Where the file has no such list.
    """
    text = yaml_files.text(params.FILE)
    entry = name if _PLAIN.match(name) else json.dumps(name, ensure_ascii=False)
    params.FILE.write_text(_with(text, entry), encoding="utf-8")


def replaced(text: str, names: list[str]) -> str:
    """A text of params.yaml with these data sets in place of its own.

    Raises
    ------
    InputError
        Where the file has no such list.
    """
    listed = _listed(text, ", ".join(names))
    entries = ", ".join(name if _PLAIN.match(name) else json.dumps(name, ensure_ascii=False) for name in names)
    end = listed.end_mark.index if listed.flow_style else listed.value[-1].end_mark.index
    start = text.rindex(":", 0, listed.start_mark.index) + 1
    return f"{text[:start].rstrip()} [{entries}]{text[end:]}"


def _listed(text: str, entry: str) -> yaml.SequenceNode:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    found = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    listed = found.get("data_sets")
    if not isinstance(listed, yaml.SequenceNode):
        fix = worded("name_entry_there", entry=entry)
        raise InputError(Problem(str(params.FILE), worded("no_list_under_data_sets"), worded("list_of_names"), fix))
    return listed


def _with(text: str, entry: str) -> str:
    listed = _listed(text, entry)
    if listed.flow_style:
        end = listed.end_mark.index - 1
        return text[:end].rstrip() + (", " if listed.value else "") + entry + text[end:]
    last = listed.value[-1]
    end = text.find("\n", last.end_mark.index)
    end = len(text) if end < 0 else end
    return f"{text[:end]}\n{' ' * listed.start_mark.column}- {entry}{text[end:]}"

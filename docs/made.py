"""Pages that mkdocs makes from code: `hooks` of mkdocs.yml calls `on_files` before it reads the others."""

from __future__ import annotations

from typing import Any

from pipeline.documentation import PAGES


def on_files(files: Any, config: Any) -> Any:
    """Add the made pages to those that lie in the folder."""
    from mkdocs.structure.files import File

    for name, made in PAGES.items():
        files.append(File.generated(config, name, content=made()))
    return files

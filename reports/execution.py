"""Run a notebook kept as text in a kernel of this very interpreter, the same way every time."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

ROOT = str(Path(__file__).parents[1])
SECONDS = 600


class ThisInterpreter(KernelSpecManager):
    """Kernels run in the interpreter that runs the pipeline, whatever other kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def notebook(path: Path, parameters: dict[str, Any]) -> nbformat.NotebookNode:
    """Read a notebook; a cell that sets `parameters` follows the one tagged `parameters`; ids are numbers."""
    found = jupytext.read(path)
    at = next(i for i, cell in enumerate(found.cells) if "parameters" in cell.metadata.get("tags", []))
    assigned = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    found.cells.insert(at + 1, nbformat.v4.new_code_cell(assigned, metadata={"tags": ["injected-parameters"]}))
    for number, cell in enumerate(found.cells):
        cell["id"] = f"cell-{number:02d}"
    found.metadata.pop("jupytext", None)
    return found


def execute(notebooks: list[nbformat.NotebookNode]) -> None:
    """Execute notebooks side by side, in place, from the working directory.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        With the cell and its error when a cell fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "IPYTHONDIR": folder, "JUPYTER_CONFIG_DIR": folder, "PYTHONHASHSEED": "0"}
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))
        environment.pop("MPLBACKEND", None)
        asyncio.run(_all(notebooks, Path(folder), environment))


async def _all(notebooks: list[nbformat.NotebookNode], folder: Path, environment: dict[str, str]) -> None:
    runs = [_one(found, folder / f"kernel-{number}.json", environment) for number, found in enumerate(notebooks)]
    await asyncio.gather(*runs)


async def _one(found: nbformat.NotebookNode, connection: Path, environment: dict[str, str]) -> None:
    transport = "ipc" if os.name == "posix" else "tcp"
    manager = AsyncKernelManager(
        kernel_spec_manager=ThisInterpreter(), transport=transport, connection_file=str(connection)
    )
    client = NotebookClient(
        found, km=manager, timeout=SECONDS, record_timing=False, resources={"metadata": {"path": "."}}
    )
    try:
        await client.async_execute(env=environment)
    finally:
        await manager.shutdown_kernel(now=True)

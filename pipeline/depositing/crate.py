"""RO-Crate of the deposit: a Provenance Run Crate whose workflow is `dvc.yaml`, one action a stage that has run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from pipeline.core import declared, paths
from pipeline.verifying import published
from pipeline.verifying.program import stages

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_DVC = "https://dvc.org/"
_MIT = "https://spdx.org/licenses/MIT"


def describe(folder: Path, data_sets: list[str], title: str, when: str) -> None:
    """Write `ro-crate-metadata.json` into a deposit that is otherwise complete.

    Parameters
    ----------
    folder
        Of the deposit.
    when
        Date of the newest of its results, `YYYY-MM-DD`.
    """
    crate = ROCrate(gen_preview=False, version="1.1")
    crate.name, crate.description = title, f"{title}: code, data cards, published results and how they were made."
    crate.license, crate.datePublished = _thing(crate, _MIT, "CreativeWork", name="MIT License"), when
    profiles = [_thing(crate, at, "CreativeWork", name=name, version=v) for at, (name, v) in PROFILES.items()]
    crate.root_dataset["conformsTo"] = profiles[:3]
    crate.metadata["conformsTo"] = [{"@id": "https://w3id.org/ro/crate/1.1"}, {"@id": list(PROFILES)[3]}]
    workflow = crate.add_file(
        folder / "dvc.yaml",
        "dvc.yaml",
        properties={
            "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
            "name": "Pipeline: card → report",
        },
    )
    workflow["programmingLanguage"] = _language(crate)
    crate.mainEntity = workflow
    tools, steps = {}, []
    for position, (stage, entry) in enumerate(_run().items()):
        program = f"pipeline/stages/{stage}.py"
        tools[stage] = crate.add_file(
            folder / program,
            program,
            properties={
                "@type": ["File", "SoftwareSourceCode"],
                "name": f"stage {stage}",
                "description": entry.get("desc", stage),
            },
        )
        step = _thing(
            crate, f"#step-{stage}", "HowToStep", name=stage, position=str(position), workExample=tools[stage]
        )
        steps.append(step)
    workflow["step"], workflow["hasPart"] = steps, list(tools.values())
    agent = _thing(crate, "#authors", "Organization", name="The Stickiness authors")
    engine = _thing(crate, "#dvc", "SoftwareApplication", name="DVC", url=_DVC)
    for name in data_sets:
        _executed(crate, folder, name, workflow, tools, steps, agent, engine)
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.is_file() and crate.get(place) is None and place != "ro-crate-metadata.json":
            crate.add_file(path, place, properties={"contentSize": str(path.stat().st_size)})
    crate.metadata.write(folder)


def _executed(
    crate: ROCrate,
    folder: Path,
    name: str,
    workflow: Any,
    tools: dict[str, Any],
    steps: list[Any],
    agent: Any,
    engine: Any,
) -> None:
    """The run of one data set: an action for the whole, one for each stage, and what ties them to the steps."""
    was = published.load(name)
    place = f"{paths.PUBLISHED.as_posix()}/{name}"
    card = crate.add_file(
        folder / f"data/{name}/card.yaml", f"data/{name}/card.yaml", properties={"name": f"card of {name}"}
    )
    made = [
        crate.add_file(folder / place / file, f"{place}/{file}", properties={"name": f"{file} of {name}"})
        for file in published.FILES
    ]
    common = {
        "endTime": was.facts["date"],
        "agent": agent,
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
    }
    whole = _thing(
        crate,
        f"#run-{name}",
        "CreateAction",
        name=f"stickiness run {name}",
        instrument=workflow,
        object=[card],
        result=made,
        **common,
    )
    controls = []
    for step, stage in zip(steps, tools, strict=True):
        record = was.facts["records"].get(stage, {})
        settings = [
            _thing(crate, f"#{name}-{stage}-{block}", "PropertyValue", name=block, value=str(record[block]))
            for block in ("seed", "parameters", "used", "choices", "versions")
            if record.get(block)
        ]
        action = _thing(
            crate, f"#{name}-{stage}", "CreateAction", name=f"stickiness stage {stage} {name}", instrument=tools[stage],
            object=[card, *settings], result=made, **common,
        )  # fmt: skip
        controls.append(
            _thing(
                crate,
                f"#control-{name}-{stage}",
                "ControlAction",
                name=f"{stage} of {name}",
                instrument=step,
                object=action,
            )
        )
    organised = _thing(
        crate, f"#organise-{name}", "OrganizeAction", name=f"DVC on {name}", instrument=engine, object=controls,
        result=whole, agent=agent, endTime=was.facts["date"],
    )  # fmt: skip
    crate.root_dataset.append_to("mentions", [whole, organised])


def _run() -> dict[str, dict[str, Any]]:
    """The stages from the source to the verdicts, as `dvc.yaml` declares them."""
    entries = declared.stages()
    return {stage: entries[stage] for stage in stages()}


def _language(crate: ROCrate) -> Any:
    return _thing(crate, "#dvc-yaml", "ComputerLanguage", name="DVC", url=_DVC)


def _thing(crate: ROCrate, identifier: str, kind: str, **properties: Any) -> Any:
    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **_plain(properties)}))


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Entities by their address."""

    def one(value: Any) -> Any:
        if isinstance(value, list):
            return [one(each) for each in value]
        return {"@id": value.id} if hasattr(value, "id") and not isinstance(value, dict) else value

    return {name: one(value) for name, value in properties.items()}

"""Feature files as data: every scenario with its steps and their attachments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gherkin.parser import Parser
from pydantic import JsonValue

from tenuto.core.yaml12 import read_yaml


@dataclass(frozen=True, kw_only=True)
class ScenarioStep:
    """One line of a scenario."""

    text: str
    """Without its keyword: `the workflow is executed`."""
    attached: str | None
    """The doc string below it."""

    @property
    def value(self) -> JsonValue:
        """What is attached, as YAML."""
        value: JsonValue = read_yaml(self.attached or "", self.text)
        return value


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario of a feature file."""

    feature: str
    name: str
    steps: tuple[ScenarioStep, ...]

    @property
    def id(self) -> str:
        """Names it in the test report."""
        return f"{self.feature}: {self.name}"


def read_features(folder: Path) -> list[Scenario]:
    """Every scenario of the feature files in `folder`, by file name and order."""
    return [scenario for file in sorted(folder.glob("*.feature")) for scenario in _of(file)]


def _of(file: Path) -> Iterator[Scenario]:
    feature: Any = Parser().parse(file.read_text())["feature"]
    background: list[ScenarioStep] = []
    for child in feature["children"]:
        if "background" in child:
            background = [_step(each) for each in child["background"]["steps"]]
        if "scenario" in child:
            yield Scenario(
                feature=file.stem,
                name=child["scenario"]["name"],
                steps=(*background, *(_step(each) for each in child["scenario"]["steps"])),
            )


def _step(raw: Mapping[str, Any]) -> ScenarioStep:
    text = str(raw["text"]).strip()
    attached = raw.get("docString")
    return ScenarioStep(
        text=text,
        attached=str(attached["content"]) if attached else None,
    )

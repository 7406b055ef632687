"""A folder of rules, read over this project's catalog."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tenuto.app import project_catalog
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import UsageError
from tenuto.engine.rules import start_schemas
from tenuto.engine.settings import Settings, load_settings
from tenuto.policy.actions import read_actions
from tenuto.policy.cases import Check, read_checks
from tenuto.policy.cedar import CedarPolicy, Grammar
from tenuto.policy.findings import Finding, refusal
from tenuto.policy.rules import Rule
from tenuto.policy.source import read_folder

DEFAULT = "policy"


@dataclass(frozen=True)
class Rulebook:
    """Rules and their tests, as they are on disk."""

    folder: Path
    catalog: Catalog
    grammar: Grammar
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def policy(self) -> CedarPolicy:
        """The rules. Raises UsageError `policy.invalid` with everything that is wrong."""
        if self.findings:
            raise refusal(self.findings)
        return self.grammar.policy(self.rules)

    @cached_property
    def checks(self) -> list[Check]:
        """The tests. Raises UsageError `policy.cases` where there are none."""
        checks = read_checks(self.folder)
        if not checks:
            raise UsageError(
                f"`{self.folder}` has no `*.test.yaml` with cases. `tenuto policy init` copies"
                " some to start from.",
                code="policy.cases",
            )
        return checks

    def failures(self) -> list[tuple[Check, str]]:
        """The tests that fail, each with what the answer is instead."""
        told = [(check, check.failure(self.policy)) for check in self.checks]
        return [(check, said) for check, said in told if said is not None]


def open_rulebook(folder: Path | None = None, settings: Settings | None = None) -> Rulebook:
    """The rules of `folder`, by default the project's. Raises UsageError for what is no folder of
    rules; what is wrong with rules is in `findings`."""
    settings = settings or load_settings()
    folder = folder or settings.policy_path or settings.root / DEFAULT
    catalog = project_catalog(settings)
    grammar = Grammar(start_schemas(catalog), read_actions(folder))
    rules, findings = grammar.read(read_folder(folder))
    return Rulebook(folder, catalog, grammar, tuple(rules), tuple(findings))

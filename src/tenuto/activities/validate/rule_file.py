"""Rule files: everything that is wrong with one, with line and column, before any row is read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from pydantic import ValidationError

from tenuto.activities.validate.expressions.compiling import compile_condition
from tenuto.activities.validate.expressions.problem import ExpressionError, suggestion
from tenuto.activities.validate.expressions.values import (
    Value,
    column_value,
    constant,
    has_room,
)
from tenuto.activities.validate.findings import EVERY_ROW, RowRule
from tenuto.activities.validate.messages import MessageError, message
from tenuto.activities.validate.places import Path, Places
from tenuto.catalog.library.validate.rules import BusinessRule, ParameterType, RuleFile
from tenuto.core.errors import UsageError
from tenuto.core.references import Column
from tenuto.core.yaml12 import read_yaml


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong with a rule file."""

    line: int
    column: int
    problem: str

    def shown(self, source: str) -> str:
        """`file:line:column: what, and what to do`."""
        return f"{source}:{self.line}:{self.column}: {self.problem}"


def read_rules(
    text: str, source: str, columns: Sequence[Column], parameters: Mapping[str, str]
) -> list[RowRule]:
    """The rules of a file, typed against the columns of a table.

    Raises UsageError `validate.rule-file-invalid` with all that is wrong in the file, and
    `yaml.invalid` where it is not YAML.
    """
    reader = _Reader(text, source, columns, parameters)
    rules = reader.rules()
    if reader.problems:
        problems = sorted(set(reader.problems))
        raise UsageError(
            f"{len(problems)} problem(s) in the rule file. "
            + " ".join(f"{each.shown(source)}." for each in problems),
            code="validate.rule-file-invalid",
            details={
                "file": source,
                "problems": [
                    {"line": each.line, "column": each.column, "problem": each.problem}
                    for each in problems
                ],
            },
        )
    return rules


@dataclass(frozen=True)
class _Compiled:
    """The expressions of one rule; None where a text cannot be used."""

    when: pl.Expr | None
    check: pl.Expr | None
    found: pl.Expr | None


class _Reader:
    """Looks at the form of the file, and at each text in it whether the form is right or not."""

    def __init__(
        self, text: str, source: str, columns: Sequence[Column], parameters: Mapping[str, str]
    ) -> None:
        self._content = read_yaml(text, source)
        self._places = Places(text)
        self._columns = {column.name: column_value(column) for column in columns}
        self._given = parameters
        self._parameters: dict[str, Value] = {}
        self.problems: list[Problem] = []

    def rules(self) -> list[RowRule]:
        """The rules, if `problems` stays empty."""
        file = self._file()
        self._parameters = dict(self._typed_parameters(self._declared(file)))
        compiled = [self._compiled(each, at) for at, each in enumerate(self._items())]
        self._refuse_repeated()
        if file is None or self.problems:
            return []
        return [_row_rule(*each) for each in zip(file.rules, compiled, strict=True)]

    def _file(self) -> RuleFile | None:
        try:
            return RuleFile.model_validate(self._content)
        except ValidationError as wrong:
            places = [error["loc"] for error in wrong.errors()]
            for error in wrong.errors():
                place = error["loc"]
                if not any(len(p) > len(place) and p[: len(place)] == place for p in places):
                    name = ".".join(str(part) for part in place) or "the file"
                    self._add(place, f"`{name}`: {error['msg']}{_hint(error['type'], place)}")
            return None

    def _declared(self, file: RuleFile | None) -> Mapping[str, ParameterType]:
        if file is not None:
            return file.parameters
        declared = self._content.get("parameters") if isinstance(self._content, dict) else None
        items = declared.items() if isinstance(declared, dict) else ()
        return {name: known for name, kind in items for known in _ANY if known == kind}

    def _items(self) -> list[Any]:
        rules = self._content.get("rules") if isinstance(self._content, dict) else None
        return rules if isinstance(rules, list) else []

    def _compiled(self, item: Any, at: int) -> _Compiled:
        texts = item if isinstance(item, dict) else {}
        when, check, text = (texts.get(name) for name in ("when", "check", "message"))
        path = ("rules", at)
        return _Compiled(
            when=self._condition(when, (*path, "when")) if isinstance(when, str) else EVERY_ROW,
            check=self._condition(check, (*path, "check")) if isinstance(check, str) else None,
            found=self._message(text, (*path, "message")) if isinstance(text, str) else None,
        )

    def _typed_parameters(
        self, declared: Mapping[str, ParameterType]
    ) -> Iterator[tuple[str, Value]]:
        for name in self._given.keys() - declared.keys():
            hint = suggestion(name, declared)
            self._add(("parameters",), f"the request gives `{name}`, not declared here; {hint}")
        for name, kind in declared.items():
            given = self._given.get(name)
            if given is None:
                problem = f"the request gives no `{name}`; add it to its `parameters`"
                self._add(("parameters", name), problem)
            value = _read_parameter(given, kind) if given is not None else _ANY[kind]
            if value is None:
                problem = f"the request gives `{name}` as `{given}`, which is not a {kind}"
                self._add(("parameters", name), problem)
            yield name, constant(_ANY[kind] if value is None else value)

    def _condition(self, text: str, path: Path) -> pl.Expr | None:
        try:
            return compile_condition(text, self._columns, self._parameters)
        except ExpressionError as wrong:
            self._add(path, f"{wrong.problem} (in `{text}`)", wrong.at)
            return None

    def _message(self, text: str, path: Path) -> pl.Expr | None:
        try:
            return message(text, self._columns)
        except MessageError as wrong:
            self._add(path, wrong.problem, wrong.at)
            return None

    def _refuse_repeated(self) -> None:
        seen: set[str] = set()
        for at, item in enumerate(self._items()):
            name = item.get("id") if isinstance(item, dict) else None
            if name in seen:
                self._add(("rules", at, "id"), f"rule `{name}` is there twice; rename one")
            if isinstance(name, str):
                seen.add(name)

    def _add(self, path: Path, problem: str, offset: int = 0) -> None:
        line, column = self._places.of(path, offset)
        self.problems.append(Problem(line, column, problem))


def _row_rule(rule: BusinessRule, compiled: _Compiled) -> RowRule:
    when, check, found = compiled.when, compiled.check, compiled.found
    if when is None or check is None or found is None:
        raise TypeError(rule.id)
    # What `when` cannot tell is checked, and then fails: nothing is passed over in silence.
    is_every = when is EVERY_ROW
    untold = pl.lit("it could not be checked: a value that the rule needs is missing")
    is_untold = check.is_null() if is_every else check.is_null() | when.is_null()
    return RowRule(
        rule=rule.id,
        severity=rule.severity,
        description=rule.description,
        applies=when,
        fails=~check if is_every else ~check | when.is_null(),
        found=pl.when(is_untold).then(untold).otherwise(found),
        remedy=rule.remedy,
    )


_ANY: dict[ParameterType, Decimal | str | bool | date] = {
    "number": Decimal(0),
    "text": "",
    "date": date(1970, 1, 1),
    "boolean": False,
}
"""Stands in for a parameter that is missing, so that the rules can be typed all the same."""


def _read_parameter(text: str, kind: ParameterType) -> Decimal | str | bool | date | None:
    match kind:
        case "number":
            number = Decimal(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else None
            return number if number is not None and has_room(number) else None
        case "text":
            return text
        case "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                return None
        case "boolean":
            return {"true": True, "false": False}.get(text)


def _hint(kind: str, path: tuple[int | str, ...]) -> str:
    if kind != "extra_forbidden":
        return ""
    fields = BusinessRule.model_fields if "rules" in path[:-1] else RuleFile.model_fields
    return f"; {suggestion(str(path[-1]), fields)}"

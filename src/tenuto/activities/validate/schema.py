"""Body of `validate.schema`: the declared columns as rules."""

from collections.abc import Iterator, Sequence

import polars as pl

from tenuto.activities.validate.cells import cell_rules
from tenuto.activities.validate.expressions.problem import suggestion
from tenuto.activities.validate.findings import Rule, TableRule, table_example
from tenuto.activities.validate.judging import judged
from tenuto.activities.validate.keys import duplicates
from tenuto.activities.validate.patterns import pattern_problem
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.validate.schema import ColumnSchema, SchemaRequest, check_schema
from tenuto.catalog.library.validate.verdict import Validated
from tenuto.core.errors import UsageError
from tenuto.core.references import Column

_BEGINNINGS = {
    "text": ("String", "Categorical", "Enum"),
    "integer": ("Int", "UInt"),
    "decimal": ("Decimal",),
    "float": ("Float",),
    "boolean": ("Boolean",),
    "date": ("Date",),
    "datetime": ("Datetime",),
}


@implements(check_schema)
def validate_schema(request: SchemaRequest) -> Validated:
    """The verdict on each row, and on the columns as a whole.

    A column that is missing or of another type fails the whole table, and its cells are not
    looked at. Raises UsageError `validate.bad-pattern` before any row is read.
    """
    _refuse_bad_patterns(request.columns)
    frame = current_store().scan_table(request.table)
    have = {column.name: column for column in request.table.columns}
    rules: list[Rule] = [*_missing(request, have), *_of_another_type(request, have)]
    unreadable = {rule.rule.rpartition(".")[0] for rule in rules if _failed(rule)}
    for column in request.columns:
        if column.name in have and column.name not in unreadable:
            rules += cell_rules(column)
    rules += _key(request, have, frame)
    unknown = [name for name in have if name not in {c.name for c in request.columns}]
    if request.unknown_columns == "refuse":
        rules.append(_unknown(request, unknown))
    dropped = unknown if request.unknown_columns == "drop" else ()
    return judged(request, frame, rules, dropped=dropped)


def _refuse_bad_patterns(columns: Sequence[ColumnSchema]) -> None:
    problems = [
        f"column `{column.name}`: {problem}"
        for column in columns
        if column.pattern is not None and (problem := pattern_problem(column.pattern))
    ]
    if problems:
        raise UsageError(
            f"{'; '.join(problems)}. Patterns have no look-around and no back-references; write "
            "what the whole text must look like.",
            code="validate.bad-pattern",
            details={"problems": problems},
        )


def _missing(request: SchemaRequest, have: dict[str, Column]) -> Iterator[TableRule]:
    for column in request.columns:
        if not column.required:
            continue
        is_missing = column.name not in have
        others = have.keys() - {each.name for each in request.columns}
        example = table_example(
            f"there is no column `{column.name}`; {suggestion(column.name, others or have)}",
            "supply the column, or declare it with `required: false`",
        )
        yield TableRule(
            rule=f"{column.name}.present",
            severity=column.severity,
            description=f"Column {column.name} is there.",
            checked=1,
            failed=int(is_missing),
            examples=(example,) if is_missing else (),
        )


def _of_another_type(request: SchemaRequest, have: dict[str, Column]) -> Iterator[TableRule]:
    for column in request.columns:
        if column.name not in have:
            continue
        found = have[column.name].dtype
        is_other = not _is_of_type(found, column.type)
        example = table_example(
            f"column `{column.name}` is {found}", f"read the column as {column.type}"
        )
        yield TableRule(
            rule=f"{column.name}.type",
            severity=column.severity,
            description=f"Column {column.name} is {column.type}.",
            checked=1,
            failed=int(is_other),
            examples=(example,) if is_other else (),
        )


def _key(request: SchemaRequest, have: dict[str, Column], frame: pl.LazyFrame) -> Iterator[Rule]:
    """A key of which a column is missing cannot be checked, and so fails."""
    missing = [name for name in request.key if name not in have]
    if request.key and not missing:
        yield duplicates("key", "block", frame, request.key)
    elif missing:
        example = table_example(
            f"the key cannot be checked without column `{missing[0]}`", "supply the column"
        )
        yield TableRule(
            rule="key",
            severity="block",
            description=f"{', '.join(request.key)} together occur once.",
            checked=1,
            failed=1,
            examples=(example,),
        )


def _unknown(request: SchemaRequest, unknown: Sequence[str]) -> TableRule:
    declared = [column.name for column in request.columns]
    examples = [
        table_example(
            f"column `{name}` is not declared; {suggestion(name, declared)}",
            "declare the column, or say `unknown_columns: keep` or `drop`",
        )
        for name in unknown
    ]
    return TableRule(
        rule="unknown-columns",
        severity="block",
        description="Every column is declared.",
        checked=len(request.table.columns),
        failed=len(unknown),
        examples=tuple(examples[:10]),
    )


def _is_of_type(dtype: str, wanted: str) -> bool:
    if wanted == "date":
        return dtype == "Date"
    return dtype.startswith(_BEGINNINGS[wanted])


def _failed(rule: Rule) -> bool:
    return isinstance(rule, TableRule) and rule.failed > 0

"""A workflow that sets bad rows aside, and goes on with the good ones."""

from datetime import date

from temporalio import workflow

from tenuto.catalog.library.validate.limits import CheckedLimits, LimitsRequest, check_limits
from tenuto.catalog.library.validate.quality import Freshness, QualityRequest, check_quality
from tenuto.catalog.library.validate.rules import RulesRequest, check_rules
from tenuto.catalog.library.validate.schema import ColumnSchema, SchemaRequest, check_schema
from tenuto.catalog.library.validate.ucits import five_ten_forty
from tenuto.catalog.library.validate.verdict import OnBlock, Validated
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document


class ValidatePositionsRequest(Record):
    """Positions of a day, and the rules of the desk."""

    table: Dataset
    rules: Document
    as_of: date
    on_block: OnBlock = "quarantine"


class ValidatedPositions(Record):
    """What each step said."""

    schema_step: Validated
    quality: Validated
    rules: Validated
    limits: CheckedLimits


COLUMNS = (
    ColumnSchema(name="isin", type="text", code="isin"),
    ColumnSchema(name="issuer", type="text"),
    ColumnSchema(name="priced_on", type="date"),
    ColumnSchema(name="weight", type="decimal"),
)


@workflow.defn
class ValidatePositions:
    """Each step is given what the step before left good."""

    @workflow.run
    async def run(self, request: ValidatePositionsRequest) -> ValidatedPositions:
        keys, on_block = ("isin",), request.on_block
        schema = await check_schema(
            SchemaRequest(table=request.table, row_keys=keys, columns=COLUMNS, on_block=on_block)
        )
        fresh = Freshness(column="priced_on", as_of=request.as_of, max_age=1, days="dealing")
        quality = await check_quality(
            QualityRequest(table=schema.good, row_keys=keys, checks=(fresh,))
        )
        rules = await check_rules(
            RulesRequest(
                table=quality.good,
                row_keys=keys,
                rules=request.rules,
                parameters={"as_of": request.as_of.isoformat()},
            )
        )
        limits = await check_limits(
            LimitsRequest(
                table=rules.good,
                row_keys=keys,
                value_column="weight",
                limits=five_ten_forty("issuer"),
            )
        )
        return ValidatedPositions(schema_step=schema, quality=quality, rules=rules, limits=limits)

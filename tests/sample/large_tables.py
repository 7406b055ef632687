"""Extract, transform, load with a table that no payload could hold: plain Temporal code."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow

from tenuto.core.references import Dataset


class Loaded(BaseModel):
    """What was loaded."""

    rows: int
    table: Dataset


@activity.defn
def extract_rows(rows: int) -> Dataset:
    """A table of `rows` incompressible rows, about 100 bytes each."""
    import polars as pl

    from tenuto.artifacts.current import current_store

    seed = pl.LazyFrame({"row": pl.int_range(rows, eager=True)})
    noise = [pl.col("row").hash(seed=column).alias(f"noise_{column}") for column in range(12)]
    return current_store().put_table(seed.with_columns(noise), name="extracted")


@activity.defn
def transform_rows(extracted: Dataset) -> Dataset:
    """The same rows with a checksum column."""
    import polars as pl

    from tenuto.artifacts.current import current_store

    store = current_store()
    checked = store.scan_table(extracted).with_columns(
        checksum=pl.col("noise_0") ^ pl.col("noise_1")
    )
    return store.put_table(checked, name="transformed")


@activity.defn
def load_rows(transformed: Dataset) -> Loaded:
    """Counts what arrived, reading every byte."""
    from tenuto.artifacts.current import current_store

    return Loaded(rows=current_store().get_table(transformed).height, table=transformed)


@workflow.defn
class ExtractTransformLoad:
    """Move a table through three steps."""

    @workflow.run
    async def run(self, rows: int) -> Loaded:
        limit = timedelta(minutes=5)
        extracted = await workflow.execute_activity(
            extract_rows, rows, start_to_close_timeout=limit
        )
        transformed = await workflow.execute_activity(
            transform_rows, extracted, start_to_close_timeout=limit
        )
        return await workflow.execute_activity(load_rows, transformed, start_to_close_timeout=limit)

"""Taking up a package that an attempt had begun to load, so that no row is there twice.

A job that was under way when its process died may have been committed or not: dlt would run it
again. For each table with such a job, the rows of this package are taken out, and all jobs of the
table are done again. Merged and replaced tables are filled from staging tables in one transaction,
so there it is the staging rows that are taken out.
"""

from typing import Any

import dlt
from dlt.common.destination.client import WithStagingDataset
from dlt.common.storages.load_package import PackageStorage, ParsedLoadJobFileName

_LOAD_ID = "_dlt_load_id"
_FOLLOW_UPS = ("sql", "reference")
"""Jobs that dlt makes itself; they repeat without harm."""


def make_repeatable(pipeline: dlt.Pipeline, load_id: str) -> tuple[str, ...]:
    """Takes out what may be there already; returns the tables whose jobs are done again."""
    packages = pipeline._get_load_storage().normalized_packages
    tables = sorted({each.table_name for each in _uncertain(packages, load_id)})
    if not tables:
        return ()
    schema = packages.load_schema(load_id)
    redone = tuple(each for each in tables if _LOAD_ID in schema.tables[each]["columns"])
    with pipeline.destination_client(schema.name) as client:
        for table in redone:
            _take_out(client, table, load_id)
    for table in redone:
        _do_again(packages, load_id, table)
    return redone


def _uncertain(packages: PackageStorage, load_id: str) -> list[ParsedLoadJobFileName]:
    jobs = packages.list_all_jobs_with_states(load_id)
    return [
        job
        for state, job in jobs
        if job.file_format not in _FOLLOW_UPS
        and (
            (state == "new_jobs" and job.retry_count > 0)
            or (
                state == "started_jobs"
                and packages.load_pending_transition(load_id, job.file_name()) is None
            )
        )
    ]


def _take_out(client: Any, table: str, load_id: str) -> None:
    staged = isinstance(client, WithStagingDataset) and (
        client.should_load_data_to_staging_dataset(table)
    )
    if staged:
        with client.with_staging_dataset():
            _delete(client.sql_client, table, load_id)
    elif hasattr(client, "sql_client"):
        _delete(client.sql_client, table, load_id)


def _delete(sql: Any, table: str, load_id: str) -> None:
    name = sql.make_qualified_table_name(table)
    with sql.begin_transaction():
        sql.execute_sql(f"DELETE FROM {name} WHERE {_LOAD_ID} = %s", load_id)  # noqa: S608


def _do_again(packages: PackageStorage, load_id: str, table: str) -> None:
    for state, job in packages.list_all_jobs_with_states(load_id):
        if job.table_name == table and job.file_format not in _FOLLOW_UPS:
            if state in ("completed_jobs", "started_jobs"):
                packages._move_job(load_id, state, "new_jobs", job.file_name())
            packages.clear_pending_transition(load_id, job.file_name())

"""Sync as a pack."""

from tenuto.core.pack import Pack

_SYNC = "tenuto.packs.sync"

pack = Pack(
    name="sync",
    summary="Data sync: sources into DuckDB, PostgreSQL, or files, incrementally.",
    catalog=(f"{_SYNC}.catalog", f"{_SYNC}.backfill.catalog"),
    workflows=(
        f"{_SYNC}.workflow:SyncSourceWorkflow",
        f"{_SYNC}.scheduled:ScheduledSyncWorkflow",
        f"{_SYNC}.backfill.workflow:SyncBackfillWorkflow",
    ),
    activities=(f"{_SYNC}.activities.prepare_source", f"{_SYNC}.activities.load_source"),
    passthrough=(
        f"{_SYNC}.models",
        f"{_SYNC}.catalog",
        f"{_SYNC}.names",
        f"{_SYNC}.messages",
        f"{_SYNC}.backfill.models",
        f"{_SYNC}.backfill.catalog",
    ),
    commands=(
        ("sync", f"{_SYNC}.commands:sync", "Load data of other systems: list, run, backfill."),
    ),
    demos=(
        (
            "sync",
            f"{_SYNC}.demo.play:play",
            "Load from a busy API while workers are killed, and count every row.",
        ),
    ),
    extra="sync",
    needs=("dlt", "duckdb", "sqlalchemy"),
)

"""The server's database file: made, checked against the installed server, upgraded, backed up."""

import json
import logging
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, ValidationError

from tenuto.core.errors import CorruptError, DataError, UsageError
from tenuto.core.records import Record
from tenuto.engine.embedded.binary import ServerBinary, version_key
from tenuto.engine.embedded.indexes import fit_indexes, read_indexes
from tenuto.engine.embedded.migration import copy_rows
from tenuto.engine.embedded.schema import (
    all_columns,
    drop_log,
    fresh_database,
    has_namespaces,
    settle,
    stored_columns,
)

logger = logging.getLogger(__name__)

DATABASE_NAME = "temporal.db"
"""Its name in the state folder."""


class DatabaseRecord(Record):
    """What is kept beside a database, in `<database>.version.json`."""

    version: int = 1
    """Format of this record."""
    server_version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    """The server that made or last upgraded the file."""
    indexes: dict[str, str]
    """All visibility indexes of that server's schema: name -> CREATE INDEX statement."""


def prepare_database(
    database: Path,
    binary: ServerBinary,
    lock_descriptor: int,
    search_attributes: Mapping[str, str] = MappingProxyType({}),
) -> DatabaseRecord:
    """Makes `database` ready for `binary` to open: created, upgraded, or left as it is.

    Needs the server lock. A new file's namespace `default` has `search_attributes` (name ->
    type), usable at once; registered later they take the server two seconds to notice. An
    upgraded file's old state is kept beside it, dated. Raises UsageError for a file that a
    newer server wrote, CorruptError for one that cannot be read.
    """
    record = read_record(database)
    if not database.exists() or database.stat().st_size == 0:
        return _create(database, binary, lock_descriptor, search_attributes)
    if record and record.server_version == binary.server_version:
        return record
    if record and version_key(record.server_version) > version_key(binary.server_version):
        raise _newer(database, f"server {record.server_version}", binary)
    return _adopt_or_upgrade(database, record, binary, lock_descriptor)


def read_record(database: Path) -> DatabaseRecord | None:
    """The record beside `database`, or None without one. Raises CorruptError for a broken one."""
    path = record_path(database)
    try:
        return DatabaseRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise CorruptError(
            f"{path} is not a version record. Delete it: the version is then found out from the"
            " database itself.",
            code="embedded.record-unreadable",
        ) from error


def record_path(database: Path) -> Path:
    """Where the record of `database` is kept."""
    return database.with_name(database.name + ".version.json")


def backup(database: Path, destination: Path) -> None:
    """Copies a database, its record included, while a server may be running on it.

    SQLite's online backup: one consistent moment, running workflows undisturbed. The
    destination is complete or absent. To restore, put both files into an empty state folder
    under their original names. Raises UsageError when there is nothing to copy or the
    destination exists, DataError when it cannot be copied.
    """
    if not database.is_file():
        raise UsageError(
            f"{database} does not exist, so there is nothing to back up. Name the state folder of"
            " a project that has run.",
            code="embedded.no-database",
        )
    if destination.exists():
        raise UsageError(
            f"{destination} exists and is not overwritten. Choose another name for the backup.",
            code="embedded.backup-exists",
        )
    destination.parent.mkdir(parents=True, exist_ok=True)
    partial = destination.with_name(destination.name + ".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    _copy(database, partial)
    settle(partial)
    record = read_record(database)
    if record:
        _write_record(destination, record)
    _replace(partial, destination)


def _copy(database: Path, partial: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(partial)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        partial.unlink()
        raise DataError(
            f"{database} could not be copied to {partial.parent}: {error}. Nothing was changed;"
            " make room, or see whether the database can be read.",
            code="embedded.backup-failed",
        ) from error


def _create(
    database: Path,
    binary: ServerBinary,
    lock_descriptor: int,
    search_attributes: Mapping[str, str],
) -> DatabaseRecord:
    workshop = _workshop(database)
    with fresh_database(binary, workshop, lock_descriptor, search_attributes) as fresh:
        record = _record_of(fresh, binary)
        fit_indexes(fresh, record.indexes, ())
        settle(fresh)
        drop_log(database)
        _write_record(database, record)
        _replace(fresh, database)
    logger.info("embedded_database_created", extra={"server_version": binary.server_version})
    return record


def _adopt_or_upgrade(
    database: Path, record: DatabaseRecord | None, binary: ServerBinary, lock_descriptor: int
) -> DatabaseRecord:
    settle(database)
    with fresh_database(binary, _workshop(database), lock_descriptor) as fresh:
        new_record = _record_of(fresh, binary)
        with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(fresh)) as new:
            unknown = stored_columns(old) - stored_columns(new)
            is_same = all_columns(old) == all_columns(new)
            is_finished = has_namespaces(old)
        if unknown:
            table, column = min(unknown)
            raise _newer(database, f"a server that stores `{table}.{column}`", binary)
        if not is_same:
            fit_indexes(fresh, new_record.indexes, ())
            rows = copy_rows(database, fresh) if is_finished else 0
            kept = _keep(database, record)
            _replace(fresh, database)
            logger.warning("embedded_database_upgraded", extra={"rows": rows, "kept": str(kept)})
    _write_record(database, new_record)
    return new_record


def _workshop(database: Path) -> Path:
    return database.with_name(database.name + ".preparing")


def _record_of(fresh: Path, binary: ServerBinary) -> DatabaseRecord:
    with closing(sqlite3.connect(fresh)) as connection:
        indexes = read_indexes(connection)
    return DatabaseRecord(server_version=binary.server_version, indexes=indexes)


def _keep(database: Path, record: DatabaseRecord | None) -> Path:
    wrote = record.server_version if record else "unknown"
    kept = database.with_name(f"{database.name}.server-{wrote}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    backup(database, kept)
    return kept


def _newer(database: Path, wrote: str, binary: ServerBinary) -> UsageError:
    return UsageError(
        f"{database} was written by {wrote}, newer than the installed server"
        f" {binary.server_version} ({binary.path}). Install that version or a later one.",
        code="embedded.newer-database",
    )


def _write_record(database: Path, record: DatabaseRecord) -> None:
    path = record_path(database)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(record.model_dump(), indent=1) + "\n", "utf-8")
    _replace(partial, path)


def _replace(source: Path, destination: Path) -> None:
    for path in (source, source.parent):
        _flush(path)
    source.replace(destination)
    _flush(destination.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

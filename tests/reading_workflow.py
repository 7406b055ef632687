"""A workflow that reads files and statements and checks the statements."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from tenuto.catalog.library.fetch.files import FetchedFiles, FetchFilesRequest, fetch_files
    from tenuto.catalog.library.fetch.statements import FetchStatementsRequest, fetch_statements
    from tenuto.catalog.library.validate_statements import (
        CheckedStatements,
        CheckStatementsRequest,
        statement_integrity,
    )
    from tenuto.core.records import Record


class ReadAllRequest(Record):
    """What to read."""

    files: FetchFilesRequest
    statements: FetchStatementsRequest


class ReadAllResult(Record):
    """What was read."""

    files: FetchedFiles
    checked: CheckedStatements


@workflow.defn
class ReadAll:
    """Files first, then statements, then whether those may be believed."""

    @workflow.run
    async def run(self, request: ReadAllRequest) -> ReadAllResult:
        """Both, read."""
        files = await fetch_files(request.files)
        statements = await fetch_statements(request.statements)
        checked = await statement_integrity(
            CheckStatementsRequest(statements=statements.statements, entries=statements.entries)
        )
        return ReadAllResult(files=files, checked=checked)

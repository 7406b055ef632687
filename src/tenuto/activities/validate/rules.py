"""Body of `validate.rules`: a rule file held against every row."""

from tenuto.activities.validate.judging import judged
from tenuto.activities.validate.rule_file import read_rules
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.validate.rules import RulesRequest, check_rules
from tenuto.catalog.library.validate.verdict import Validated
from tenuto.core.errors import UsageError
from tenuto.core.references import Document


@implements(check_rules)
def validate_rules(request: RulesRequest) -> Validated:
    """The verdict on each row.

    The whole rule file is read, parsed and typed first; then the table is opened. Raises UsageError
    `validate.rule-file-invalid` with everything that is wrong in the file.
    """
    text, source = _text(request.rules)
    rules = read_rules(text, source, request.table.columns, request.parameters)
    return judged(request, current_store().scan_table(request.table), rules)


def _text(rules: Document | str) -> tuple[str, str]:
    if isinstance(rules, str):
        return rules, "rules"
    source = rules.name or rules.uri
    try:
        return current_store().get_bytes(rules).decode("utf-8"), source
    except UnicodeDecodeError as wrong:
        raise UsageError(
            f"{source}: byte {wrong.start} is not UTF-8; save the rule file as UTF-8.",
            code="validate.rule-file-invalid",
        ) from wrong

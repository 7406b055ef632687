"""Whether each expression can be evaluated at all: its jq, its functions, its variables."""

import re
from collections.abc import Iterator

from tenuto.definitions.check.expressions.foreign_templates import bare_remedy, foreign
from tenuto.definitions.check.expressions.scope import not_in_scope
from tenuto.definitions.check.expressions.used import Written
from tenuto.definitions.check.meaning_codes import (
    EMBEDDED,
    EXPRESSION_AS_TEXT,
    NOT_JQ,
    NOT_KNOWN,
    TEXT_NOT_EXPRESSION,
    UNSAFE_PATTERN,
)
from tenuto.definitions.check.shown import named
from tenuto.definitions.expressions import check_expression, has_embedded_expression, is_expression
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded

_CODE = {
    "syntax": NOT_JQ,
    "forbidden": NOT_KNOWN,
    "variable": NOT_KNOWN,
    "regex": UNSAFE_PATTERN,
}
_CHECKED_ELSEWHERE = frozenset({"secrets", "authorization"})
_VARIABLE = re.compile(r"\$\s*([A-Za-z_]\w*)")
_PART = re.compile(r"\$\{([^{}]*)\}")
_PLAIN_TEXT = re.compile(r"[A-Za-z_][\w-]*(?: [\w-]+)*[.!?]?")
_LOOKS_LIKE_A_PATH = re.compile(
    r"(\.[A-Za-z_]\w*|\$(context|input|output|task|workflow|runtime|error|item)\b)[\w.\[\]]*"
)


def find_wrong_expressions(loaded: Loaded, used: list[Written]) -> Iterator[Finding]:
    """Every expression that cannot be evaluated, and every text that looks like one."""
    for written in used:
        if written.jq is None:
            yield from _text(loaded, written)
        else:
            yield from _expression(loaded, written, written.jq)


def at_character(loaded: Loaded, finding: Finding, written: Written, offset: int) -> Finding:
    """`finding` moved to a character of the expression, where the file tells its column."""
    span = loaded.spans.get(written.pointer)
    jq = written.jq
    if span is None or jq is None or not span.is_plain or "\n" in written.text:
        return finding
    skipped = written.text.find(jq, 2 if written.text.lstrip().startswith("${") else 0)
    column = span.value.column + span.indent + max(skipped, 0) + offset
    return finding.model_copy(update={"column": column})


def _text(loaded: Loaded, written: Written) -> Iterator[Finding]:
    if has_embedded_expression(written.text):
        yield loaded.warning(
            EMBEDDED,
            written.pointer,
            "`${` inside a longer text is not evaluated; the text is taken as it stands.",
            'Make the whole value one expression: `${ "Hello \\(.name)" }`.',
        )
    elif _LOOKS_LIKE_A_PATH.fullmatch(written.text.strip()):
        yield loaded.warning(
            EXPRESSION_AS_TEXT,
            written.pointer,
            f"`{written.text.strip()}` looks like an expression, but in `{written.position}` it"
            " is plain text.",
            f"Write `${{ {written.text.strip()} }}` to have it evaluated.",
        )
    else:
        yield from _foreign(loaded, written)


def _foreign(loaded: Loaded, written: Written) -> Iterator[Finding]:
    if written.position == "use.authentications" or "/authentication/" in written.pointer:
        return  # A password may look like anything.
    found = foreign(written.text, written.variables, has_members=_takes_members(written))
    if found is not None:
        yield loaded.warning(
            EXPRESSION_AS_TEXT,
            written.pointer,
            f"{named(found.found)} is not filled in: in `{written.position}` it is plain text.",
            found.remedy,
        )


def _takes_members(written: Written) -> bool:
    """Whether `{name}` has a meaning here: in an address, and in the rules of `validate`."""
    task = written.task
    if task is None or written.position != "with":
        return False
    inside = written.pointer.removeprefix(f"{task.pointer}/with/").partition("/")[0]
    called = task.body.get("call")
    is_address = called in ("http", "openapi") and inside in ("endpoint", "document")
    return is_address or (isinstance(called, str) and called.startswith("validate."))


def _expression(loaded: Loaded, written: Written, jq: str) -> Iterator[Finding]:
    problems = check_expression(jq, written.variables | _CHECKED_ELSEWHERE)
    if problems and written.is_bare and _PLAIN_TEXT.fullmatch(jq):
        yield _plain_text(loaded, written, jq)
        return
    for problem in problems:
        message, remedy = problem.message, problem.remedy
        variable = _VARIABLE.match(jq, problem.offset)
        if problem.kind == "variable" and variable is not None:
            message, remedy = not_in_scope(variable[1], written)
        if problem.kind == "syntax":
            remedy = _rewritten(written) or remedy
        finding = loaded.error(_CODE[problem.kind], written.pointer, message, remedy)
        yield at_character(loaded, finding, written, problem.offset)


def _rewritten(written: Written) -> str | None:
    """The remedy for an expression that is put together as no expression is."""
    text = written.text.strip()
    if written.is_bare and "${" in text and not is_expression(text):
        bare = _PART.sub(lambda part: part[1].strip(), text)
        whole = f": `{bare}`" if "${" not in bare else ""
        return f"Write the whole expression bare{whole}."
    return bare_remedy(text, written.variables)


def _plain_text(loaded: Loaded, written: Written, jq: str) -> Finding:
    word = re.sub(r"\W", "", jq.split()[0])
    read = (
        f"Read the variable with `${word}`"
        if word in written.variables
        else f"Read a field with `.{word}`"
    )
    return loaded.error(
        TEXT_NOT_EXPRESSION,
        written.pointer,
        f"`{jq}` is plain text, and `{written.position}` takes an expression.",
        f'{read}, compare with `.field == "{jq}"`, or write `"{jq}"` in its own'
        " quotation marks for the text itself.",
    )

"""What is wrong with rules, each time with its place and what to do."""

from collections.abc import Sequence

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.policy.source import Place


class Finding(Record):
    """One thing that is wrong."""

    file: str
    line: int
    column: int
    code: str
    """`syntax`, `unknown-attribute`, `optional-attribute`, `unknown-action`, ..."""
    message: str
    remedy: str
    rule: str | None = None
    """The rule's `@id`, where it has one."""

    def line_of_text(self) -> str:
        """It in one line."""
        place = f"{self.file}:{self.line}:{self.column}"
        rule = f" rule `{self.rule}`:" if self.rule else ""
        return f"{place}: {self.code}:{rule} {self.message}. {self.remedy}"


def finding(place: Place, code: str, message: str, remedy: str, rule: str | None = None) -> Finding:
    """A finding at `place`."""
    return Finding(
        file=place.file,
        line=place.line,
        column=place.column,
        code=code,
        message=message,
        remedy=remedy,
        rule=rule,
    )


def refusal(findings: Sequence[Finding]) -> UsageError:
    """The error of rules that do not load, which lists every finding."""
    count = f"{len(findings)} mistake" + ("s" if len(findings) > 1 else "")
    listed = "\n".join(each.line_of_text() for each in findings)
    return UsageError(
        f"The rules do not load, {count}:\n{listed}",
        code="policy.invalid",
        details={"findings": [each.model_dump(mode="json") for each in findings]},
    )

"""What a part of a definition is compiled in: the whole document, and what surrounds the part."""

import json
from dataclasses import dataclass, replace

from pydantic import JsonValue

from tenuto.catalog.registry import Catalog
from tenuto.core.errors import UsageError
from tenuto.definitions.compiling import reading
from tenuto.definitions.compiling.secrets import refuse_secret, with_references
from tenuto.definitions.compiling.shape import optional_mapping, text
from tenuto.definitions.expressions import expression_in, is_expression
from tenuto.definitions.plan import Expression, Pointer, Template


@dataclass(frozen=True, kw_only=True, slots=True)
class Extended:
    """The task that an extension's tasks speak of when they say `$task`."""

    name: str
    reference: str
    body: dict[str, JsonValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Where in which document; made once for the document and narrowed on the way down."""

    document: dict[str, JsonValue]
    catalog: Catalog
    expanding: tuple[str, ...] = ()
    """Functions of `use.functions` that are being expanded, outermost first."""
    at: Pointer = ""
    """Of the task that is being compiled, for messages."""
    extended: Extended | None = None
    """Set in the tasks of an extension, which are not extended themselves."""

    def used(self, section: str, name: str, at: str) -> JsonValue:
        """The part called `name` of `use.<section>`."""
        parts = self.parts(section)
        if name not in parts:
            known = ", ".join(f"`{each}`" for each in parts) or "none"
            raise UsageError(
                f"`{at}` names `{name}`, which `use.{section}` does not have (known: {known});"
                " declare it there, or write it out here.",
                code="definition.unknown-part",
                details={"path": at, "section": section, "name": name},
            )
        return parts[name]

    def parts(self, section: str) -> dict[str, JsonValue]:
        """All of `use.<section>`, by name."""
        use = optional_mapping(self.document.get("use"), "/use")
        return optional_mapping(use.get(section), f"/use/{section}")

    def resolved(self, section: str, value: JsonValue, at: str) -> JsonValue:
        """`value`, or what it names in `use.<section>` where it is a name."""
        return self.used(section, value, at) if isinstance(value, str) else value

    def of_task(self, at: Pointer) -> "Scope":
        """The scope of the parts of the task at that pointer."""
        return replace(self, at=at)

    def inside(self, function: str) -> "Scope":
        """The scope of the body of a function."""
        return replace(self, expanding=(*self.expanding, function))

    def extending(self, extended: Extended) -> "Scope":
        """The scope of an extension's tasks around `extended`."""
        return replace(self, extended=extended)

    def expression(self, written: str) -> Expression:
        """jq of a position that holds an expression with or without `${ }`."""
        return self._about_extended(expression_in(written))

    def optional_expression(self, value: JsonValue, at: str) -> Expression | None:
        """jq of such a position; None where it is not given."""
        return None if value is None else self.expression(text(value, at))

    def optional_expression_or_object(self, value: JsonValue) -> Template:
        """The template of `from` and `as`; None where it is not given."""
        return None if value is None else self.expression_or_object(value)

    def expression_or_object(self, value: JsonValue) -> Template:
        """The template of `from`, `as`, `in`: bare text is an expression, all else a template."""
        if isinstance(value, str):
            return "${ " + self.expression(value) + " }"
        return self.template(value)

    def template(self, value: JsonValue) -> Template:
        """A template as written; inside an extension, `$task` is the task it extends."""
        if isinstance(value, dict):
            return {key: self.template(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.template(each) for each in value]
        if isinstance(value, str) and is_expression(value):
            return "${ " + self.expression(value) + " }"
        return value

    def request(self, value: JsonValue) -> Template:
        """The template of an activity's argument, the one place where secrets may be named."""
        return self.template(with_references(value))

    def _about_extended(self, jq: Expression) -> Expression:
        refuse_secret(jq, self.at)
        if self.extended is None or not reading.reads_task(jq):
            return jq
        facts: dict[str, JsonValue] = {}
        if reading.reads_more_than_name(jq):
            facts = {**self.extended.body, "definition": self.extended.body}
        facts |= {"name": self.extended.name, "reference": self.extended.reference}
        # Every JSON text is jq for the value it stands for.
        return f"($task + {json.dumps(facts, ensure_ascii=False)}) as $task | {jq}"

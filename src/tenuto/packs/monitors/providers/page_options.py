"""What a monitor of one page says about it: which page, which parts, and when to tell."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from tenuto.core.records import Record
from tenuto.packs.monitors.models import SchemaField

Expression = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Comparing = Literal["<", "<=", "==", "!=", ">=", ">"]


class Pick(Record):
    """A part of the page: by one of three, where one is needed."""

    selector: Expression | None = None
    """CSS, for pages."""
    attribute: Annotated[str, StringConstraints(max_length=100)] = ""
    """With `selector`: this attribute in the place of the text."""
    regex: Expression | None = None
    """On the text of the page; its first group where it has one."""
    jsonpath: Expression | None = None
    """RFC 9535, for JSON."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [way for way in ("selector", "regex", "jsonpath") if getattr(self, way) is not None]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(f'`{way}`' for way in ways)} are given; keep one")
        if self.attribute and self.selector is None:
            raise ValueError("`attribute` goes with `selector`")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether no part is named, so that the whole page is meant."""
        return self.selector is None and self.regex is None and self.jsonpath is None


class PageField(Pick):
    """One value of the page that is compared from check to check."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    type: Literal["string", "number", "date", "bool", "enum"] = "string"
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    options: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    """Of an `enum`."""
    decimal_comma: bool = False
    """The page writes 1.234,50 for what is 1,234.50 elsewhere."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.is_whole:
            raise ValueError(f"the field `{self.name}` needs a `selector`, `regex`, or `jsonpath`")
        if (self.type == "enum") != bool(self.options):
            raise ValueError(f"the field `{self.name}`: `options` go with the type `enum`")
        return self

    def as_schema(self) -> SchemaField:
        """The field as it is compared."""
        return SchemaField(
            name=self.name, type=self.type, description=self.description, options=self.options
        )


class PageCondition(Pick):
    """When the condition is met. Without a part, it is about the text of the whole page."""

    kind: Literal["contains", "not_contains", "matches", "number", "exists", "count", "changed"]
    """`contains` and `not_contains` compare `text`, letter case aside; `matches` is met where
    `regex` matches; `number` and `count` compare with `value`; `exists` is met where the part is
    there; `changed` where any field, or without fields the page, is not as at the check before."""
    text: Annotated[str, StringConstraints(max_length=1_000)] = ""
    compare: Comparing = "=="
    value: Decimal | None = None
    """Exact: write it as text where it has decimals, such as "19.99"."""
    decimal_comma: bool = False

    @model_validator(mode="before")
    @classmethod
    def _no_float(cls, given: object) -> object:
        if isinstance(given, dict) and isinstance(given.get("value"), float):
            given = {**given, "value": repr(given["value"])}
        return given

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind in ("contains", "not_contains") and not self.text.strip():
            raise ValueError(f"the condition `{self.kind}` needs a `text`")
        if self.kind == "matches" and self.regex is None:
            raise ValueError("the condition `matches` needs a `regex`")
        if self.kind in ("number", "count") and self.value is None:
            raise ValueError(f"the condition `{self.kind}` needs a `value`")
        if self.kind in ("number", "exists", "count") and self.is_whole:
            raise ValueError(
                f"the condition `{self.kind}` needs a `selector`, `regex`, or `jsonpath`"
            )
        return self


class PageOptions(Record):
    """`config.options` of a monitor whose provider is `page`."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    part: Pick = Pick()
    """What is kept as the answer; by default the values of `fields`, and without any the readable
    text of the page."""
    fields: Annotated[tuple[PageField, ...], Field(max_length=5)] = ()
    condition: PageCondition = PageCondition(kind="changed")
    most_bytes: Annotated[int, Field(ge=1_000, le=20_000_000)] = 5_000_000
    """A longer answer of the server is an error."""

    @model_validator(mode="after")
    def _different_names(self) -> Self:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError("two fields have the same name")
        return self

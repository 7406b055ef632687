"""The template language of reports: a sandbox that is strict about what is not there."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, TemplateNotFound
from jinja2 import Environment as AnyEnvironment
from jinja2.filters import do_float, do_int, do_round
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from tenuto.packs.reports.rendering.figures import Figures, whole
from tenuto.packs.reports.rendering.missing import Missing, is_missing

_LARGEST_POWER = 64
_LONGEST_PRODUCT = 1_000_000
_NEED_ALL_ROWS = ("sort", "groupby", "max", "min", "last", "unique", "reverse", "slice", "batch")


class Sandbox(ImmutableSandboxedEnvironment):
    """No attribute that begins with `_`, no change of a value, no product that fills memory."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """`left operator right`, if its result is of a sane size."""
        if operator == "**" and _is_large(right, _LARGEST_POWER):
            raise OverflowError("the power is too large")
        for text, times in ((left, right), (right, left)):
            is_repeated = isinstance(text, str | list | tuple) and isinstance(times, int)
            if is_repeated and len(text) * times > _LONGEST_PRODUCT:
                raise OverflowError("the repetition is too long")
        return super().call_binop(context, operator, left, right)


class Texts(BaseLoader):
    """Templates by name, from the report and the files beside it, and from nowhere else."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def get_source(
        self, environment: AnyEnvironment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The text, and its name as errors show it."""
        if template not in self._texts:
            raise TemplateNotFound(template, f"there is no file `{template}` beside the report")
        return self._texts[template], template, lambda: True


def environment(
    texts: Mapping[str, str], figures: Figures, escape: Callable[[str], str]
) -> Sandbox:
    """Where templates are filled, every value going through `escape` on its way into the text."""

    def finalize(value: Any) -> Markup:
        if isinstance(value, Markup):
            return value
        shown = str(figures.missing) if is_missing(value) else figures_text(value)
        return Markup(escape(shown))  # noqa: S704 (it was escaped for this kind of template)

    def figures_text(value: Any) -> str:
        return value if isinstance(value, str) else figures.text(value)

    made = Sandbox(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        loader=Texts(texts),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters |= {
        "currency": figures.currency,
        "number": figures.number,
        "percent": figures.percent,
        "delta": figures.delta,
        "date": figures.date,
        "datetime": figures.datetime,
        "total": figures.total,
        "sum": figures.total,
        "int": figures.keeping(do_int),
        "float": figures.keeping(do_float),
        "abs": figures.keeping(abs),
        "round": figures.keeping(do_round),
    }
    made.filters |= {name: _on_all_rows(made.filters[name]) for name in _NEED_ALL_ROWS}
    made.filters["default"] = made.filters["d"] = _default
    made.tests |= {"missing": is_missing, "none": is_missing}
    return made


def _default(value: Any, given: Any = "", boolean: bool = False) -> Any:
    """What the template says stands in the place of a missing value."""
    if isinstance(value, StrictUndefined) or is_missing(value) or (boolean and not value):
        return given
    return value


def _on_all_rows(plain: Callable[..., Any]) -> Callable[..., Any]:
    """`plain`, refused on rows of which only the first are here."""
    if getattr(plain, "jinja_pass_arg", None) is None:
        return lambda rows, *given, **named: plain(whole(rows), *given, **named)

    def checked(first: Any, rows: Any, *given: Any, **named: Any) -> Any:
        return plain(first, whole(rows), *given, **named)

    checked.jinja_pass_arg = plain.jinja_pass_arg  # type: ignore[attr-defined]
    return checked


def _is_large(value: Any, limit: int) -> bool:
    return not isinstance(value, Missing) and value > limit

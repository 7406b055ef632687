"""Whether expressions read what is there, and calculate only with what jq can calculate with."""

from collections.abc import Iterable, Iterator, Mapping

from tenuto.definitions.check.expressions.checked import at_character
from tenuto.definitions.check.expressions.used import Sees, Written
from tenuto.definitions.check.meaning_codes import (
    EVENTS_AS_ONE,
    FIELD_NOT_NAMED,
    MONEY_ARITHMETIC,
    NO_SUCH_FIELD,
    SAYS_NOTHING,
    WRONG_ACCESS,
)
from tenuto.definitions.check.nearest import did_you_mean, nearest
from tenuto.definitions.check.shapes.data_flow import Seen
from tenuto.definitions.check.shapes.jq import Fault, Reading, trace
from tenuto.definitions.check.shapes.shapes import ANY
from tenuto.definitions.check.shown import shown
from tenuto.definitions.expressions.syntax import read
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded

_ALMOST = 0.8
_COMPARISONS = ("<", "<=", ">", ">=")


def find_wrong_readings(
    loaded: Loaded, used: Iterable[Written], seen: Mapping[str, Seen]
) -> Iterator[Finding]:
    """Every field that is not there, every reading of the wrong kind of value, every sum of money,
    and every comparison that always comes out the same.

    Only what schemas make certain is reported.
    """
    for written in used:
        known = seen.get(written.task.pointer if written.task else "")
        jq = written.jq
        if known is None or jq is None:
            continue
        dot = known.dot.get(written.sees, ANY)
        traced = trace(jq, dot, known.variables.get(written.sees, {}))
        for reading in dict.fromkeys(traced.readings):
            finding = _finding(loaded, written, reading)
            if finding is not None:
                yield at_character(loaded, finding, written, _offset(jq, reading))


def _finding(loaded: Loaded, written: Written, reading: Reading) -> Finding | None:
    at, name = written.pointer, reading.name
    match reading.fault:
        case Fault.NO_SUCH_FIELD:
            tell = loaded.warning if reading.is_tolerated else loaded.error
            code = FIELD_NOT_NAMED if reading.is_tolerated else NO_SUCH_FIELD
            known = reading.shape.known_members()
            return tell(code, at, f"There is no field `{name}` here.", did_you_mean(name, known))
        case Fault.NOT_NAMED:
            close = nearest(name, reading.shape.known_members(), _ALMOST)
            if close is None:
                return None
            message = f"The schema names no field `{name}`."
            return loaded.warning(FIELD_NOT_NAMED, at, message, f"Did you mean `{close}`?")
        case Fault.NEVER_EQUAL | Fault.ALWAYS_UNLIKE:
            return _says_nothing(loaded, at, reading)
        case Fault.MONEY:
            return _money(loaded, at, name)
        case Fault.NO_OBJECT | Fault.NO_ARRAY if reading.is_tolerated:
            return None
        case Fault.NO_OBJECT if _is_of_listen(written):
            message = f"`.{name}` is read from the output of a `listen`, which is a list."
            remedy = f"Read it from an event, as in `.[0].{name}`."
            return loaded.warning(EVENTS_AS_ONE, at, message, remedy)
        case Fault.NO_OBJECT:
            kinds = " or ".join(sorted(reading.shape.kinds))
            message = f"`.{name}` is read from a value of type {kinds}, which has no fields."
            remedy = "Read it from an element, as in `.[0]`." if "array" in kinds else ""
            return loaded.error(WRONG_ACCESS, at, message, remedy)
        case Fault.NO_ARRAY:
            kinds = " or ".join(sorted(reading.shape.kinds))
            message = f"An element is read from a value of type {kinds}, which has none."
            return loaded.error(WRONG_ACCESS, at, message, "Read a field by its name.")


def _is_of_listen(written: Written) -> bool:
    """The specification's own examples differ on what `output.as` of a `listen` sees."""
    of_listen = written.task is not None and written.task.kind == "listen"
    return of_listen and written.sees is Sees.RAW_OUTPUT


def _money(loaded: Loaded, at: str, sign: str) -> Finding:
    if sign in _COMPARISONS:
        return loaded.warning(
            MONEY_ARITHMETIC,
            at,
            f"`{sign}` compares an exact amount, which is text: `9` comes after `10`.",
            "Compare in an activity, which calculates exactly.",
        )
    return loaded.warning(
        MONEY_ARITHMETIC,
        at,
        f"`{sign}` with an exact amount: amounts are text here, and jq calculates in floating"
        " point.",
        "Calculate in an activity, which keeps every digit.",
    )


def _says_nothing(loaded: Loaded, at: str, reading: Reading) -> Finding:
    always = "true" if reading.fault is Fault.ALWAYS_UNLIKE else "false"
    texts = sorted(reading.shape.texts or ())
    never = f"This comparison is always {always}: the value is never {shown(reading.name)}."
    return loaded.warning(SAYS_NOTHING, at, never, did_you_mean(reading.name, texts))


def _offset(jq: str, reading: Reading) -> int:
    if reading.fault in (Fault.NEVER_EQUAL, Fault.ALWAYS_UNLIKE):
        strings = (each for each in read(jq).all_tokens() if each.kind == "STR")
        return next((each.start for each in strings if each.value == [reading.name]), 0)
    is_field = reading.fault not in (Fault.MONEY, Fault.NO_ARRAY)
    wanted = ("FIELD" if is_field else "OP", reading.name)
    return next((each.start for each in read(jq).all_tokens() if each[:2] == wanted), 0)

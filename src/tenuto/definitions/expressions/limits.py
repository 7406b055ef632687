"""How much an expression may do. Changing a number changes outcomes: it needs a new interpreter.

No clock is among them: a run is replayed on other machines, and must end the same way there.
"""

STEPS = 200_000
"""Steps of one expression, or of all expressions of one template. A step is about a
microsecond of the engine's work; work on many elements at once counts by their number."""

STACK = 700
"""Python frames that nested calls may take, as reckoned beforehand from the program's form. With
`DATA_DEPTH` twice on top it stays below Python's limit of 1,000, which must decide nothing."""

DATA_DEPTH = 100
"""Levels of arrays and objects within each other that a function looks into, or that a result or
a template may have."""

PROGRAM_LENGTH = 10_000
"""Characters of one expression."""

INTERPOLATIONS = 100
"""Values put into texts, `\\(...)`, in one expression."""

PROGRAM_DEPTH = 100
"""Levels of an expression's syntax tree."""

PROGRAM_FRAMES = 700
"""Python frames that parsing may take, reckoned from the expression's tokens."""

RESULT_SIZE = 2_000_000
"""Values plus characters in a result or in a template. The engine refuses a payload above 2 MB."""

TEXT_LENGTH = 4_000_000
"""Characters of a text while it is being put together."""

ARRAY_LENGTH = 1_000_000
"""Elements of an array while it is being put together."""

PATH_LENGTH = DATA_DEPTH
"""Members of a path that is set, read, or deleted."""

PENDING = 2_000
"""Unfinished levels of `recurse`, `until` and `while`."""

INTEGER_DIGITS = 640
"""Digits of an integer. Python can be set to refuse longer ones as text, never shorter ones."""

INTEGER_BITS = 2_126
"""Bits of an integer that surely has no more than `INTEGER_DIGITS` digits."""

PATTERN_LENGTH = 512
"""Characters of a regular expression."""

PATTERN_GROUPS = 40
"""Groups of a regular expression."""

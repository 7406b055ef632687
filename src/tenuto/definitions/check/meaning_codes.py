"""The codes of what is wrong with the meaning of a definition, each in one sentence."""

UNKNOWN_FUNCTION = "E201"
WRONG_ARGUMENT = "E202"
UNKNOWN_CATALOG = "E203"
UNDECLARED_SECRET = "E204"  # noqa: S105 (a code)
SECRET_WRITTEN_DOWN = "E205"  # noqa: S105 (a code)
WRONG_OPTION = "E206"
UNKNOWN_ATTRIBUTE = "E207"
WRONG_SCHEDULE = "E208"
TOO_LARGE = "E209"
UNKNOWN_DEFINITION = "E210"
WRONG_INPUT = "E211"
WRONG_DURATIONS = "E212"
FUNCTION_CYCLE = "E213"
NOT_JQ = "E301"
NOT_KNOWN = "E302"
UNSAFE_PATTERN = "E303"
TEXT_NOT_EXPRESSION = "E304"
NO_SUCH_FIELD = "E305"
WRONG_ACCESS = "E306"
EMBEDDED = "W201"
EXPRESSION_AS_TEXT = "W202"
NO_POLICY_ENGINE = "W203"
ENDLESS_APPROVAL = "W204"
UNUSED_SECRET = "W205"  # noqa: S105 (a code)
LARGE = "W206"
LONG_HISTORY = "W207"
LOOP_IN_FORK = "W208"
ENDLESS_RECURSION = "W209"
TIMEOUT_BEFORE_WAIT = "W210"
BOTH_DAYS = "W211"
NOT_APPLIED = "W212"
MONEY_ARITHMETIC = "W301"
FIELD_NOT_NAMED = "W302"
EVENTS_AS_ONE = "W303"
SAYS_NOTHING = "W304"
ASSIGNMENT = "W305"

CODES: dict[str, str] = {
    UNKNOWN_FUNCTION: "A call names a function that neither `use.functions` nor the catalog has.",
    WRONG_ARGUMENT: "An argument of a call is unknown, missing, or not what the function takes.",
    UNKNOWN_CATALOG: "A call names a catalog that is not there, or a version that is none.",
    UNDECLARED_SECRET: "An expression reads a secret that `use.secrets` does not declare.",
    SECRET_WRITTEN_DOWN: "A secret stands where its value would be written to the run's history.",
    WRONG_OPTION: "A setting in `metadata.temporal` is unknown, has a wrong value, or is not for"
    " this kind of task.",
    UNKNOWN_ATTRIBUTE: "`metadata.searchAttributes` names an attribute that the namespace lacks.",
    WRONG_SCHEDULE: "A schedule's interval, cron text, time zone, or setting is wrong.",
    TOO_LARGE: "Literal data is larger than one message of the engine may be (2 MiB).",
    UNKNOWN_DEFINITION: "`run.workflow` names a definition or a version that is not stored.",
    WRONG_INPUT: "Literal input of `run.workflow` is not what the other definition takes.",
    WRONG_DURATIONS: "Two timeouts of one task contradict each other.",
    FUNCTION_CYCLE: "A function of `use.functions` calls itself, perhaps through others.",
    NOT_JQ: "An expression is not valid jq.",
    NOT_KNOWN: "An expression calls a function that is not allowed, or reads a variable that is"
    " not known where it stands.",
    UNSAFE_PATTERN: "A regular expression can take unbounded time.",
    TEXT_NOT_EXPRESSION: "Plain text stands where an expression is expected.",
    NO_SUCH_FIELD: "An expression reads a field that the value, by its schema, never has.",
    WRONG_ACCESS: "An expression reads a field of a value that, by its schema, is no object, or"
    " an element of one that is no array.",
    EMBEDDED: "`${` inside a longer text is not evaluated.",
    EXPRESSION_AS_TEXT: "A text looks like an expression, or like the template of another tool,"
    " but is taken as it stands.",
    NO_POLICY_ENGINE: "`policy.check` refuses everything where policy is off.",
    ENDLESS_APPROVAL: "An approval without a timeout may wait for ever.",
    UNUSED_SECRET: "A declared secret is never used.",
    LARGE: "Literal data is large enough for the engine to warn (512 KiB).",
    LONG_HISTORY: "A loop makes more history events than one run may have (51,200).",
    LOOP_IN_FORK: "A loop inside a fork cannot go on in a new run when its history grows long.",
    ENDLESS_RECURSION: "A definition runs itself, and nothing between the runs waits.",
    TIMEOUT_BEFORE_WAIT: "A task's timeout ends before its own wait does.",
    BOTH_DAYS: "A cron text names days of the month and of the week, and both must match.",
    NOT_APPLIED: "The schema of the input has a `default`, which is not filled in, or a `format`,"
    " which is not checked.",
    MONEY_ARITHMETIC: "An expression calculates with an exact amount, and jq calculates in"
    " floating point.",
    FIELD_NOT_NAMED: "An expression reads a field that the schema does not name, and that is"
    " spelt almost as one that it names; or it provides for a field that is never there.",
    EVENTS_AS_ONE: "The output of a `listen` is read as one event, and it is a list of events.",
    SAYS_NOTHING: "A comparison is always false, or always true: the value, by its schema, is never"
    " that text.",
    ASSIGNMENT: "A condition assigns (`=`) where it was to compare (`==`).",
}

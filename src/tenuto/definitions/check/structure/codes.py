"""What can be wrong with the structure of a definition, each in one sentence."""

HEAD = "E101"
ITEM = "E102"
SAME_NAME = "E103"
TARGET = "E104"
UNREACHABLE = "W105"
ENDLESS = "E106"
SPINNING = "W106"
REFERENCE = "E107"
UNUSED = "W108"
DEFAULT_CASES = "E109"
DSL = "E110"
KINDS = "E111"
PROPERTY = "E112"
FORM = "E113"
DURATION = "E114"
SCHEMA = "E115"
ERROR_TYPE = "W116"
DIRECTIVE_NAME = "W117"
RUN_REFUSED = "E151"
CALL_REFUSED = "E152"
LISTEN_REFUSED = "E153"
SCHEDULE_REFUSED = "E154"
CATALOGS_REFUSED = "E155"
EVALUATE_REFUSED = "E156"
AUTHENTICATION_REFUSED = "E157"
SCHEMA_REFUSED = "E158"

CODES: dict[str, str] = {
    HEAD: "A part of the document outside the tasks is missing, or has not the right form.",
    ITEM: "An item of a list of tasks does not hold exactly one named task.",
    SAME_NAME: "Two tasks of one list have the same name.",
    TARGET: "`then` names no task of the same list.",
    UNREACHABLE: "A task can never be reached.",
    ENDLESS: "Tasks repeat one another for ever, and none of them waits.",
    SPINNING: "Tasks repeat one another, and none of them waits.",
    REFERENCE: "A timeout, retry policy, error, or authentication of this name is not under `use`.",
    UNUSED: "A part under `use` is never used.",
    DEFAULT_CASES: "A switch has more than one case without `when`.",
    DSL: "The document asks for a version of the language that is not known.",
    KINDS: "A task is of no kind, or of several.",
    PROPERTY: "A property is not known at its place.",
    FORM: "A part of a task is missing, or has not the right form.",
    DURATION: "A duration has not the right form.",
    SCHEMA: "An embedded JSON Schema is not valid.",
    ERROR_TYPE: "An error type looks like a standard one, and is none.",
    DIRECTIVE_NAME: "A task is called like a flow directive, so that `then` cannot name it.",
    RUN_REFUSED: "Containers, scripts, and shell commands are not run from a document.",
    CALL_REFUSED: "Calls of this kind are not in this release.",
    LISTEN_REFUSED: "Streams of events are not in this release.",
    SCHEDULE_REFUSED: "A start by events or after the end of a run is not in this release.",
    CATALOGS_REFUSED: "Catalogs from elsewhere are not in this release.",
    EVALUATE_REFUSED: "Expressions are jq, in strict mode.",
    AUTHENTICATION_REFUSED: "This grant, or a member that belongs to another one, is not in this"
    " release.",
    SCHEMA_REFUSED: "A schema is neither fetched from elsewhere nor written in another format.",
}
"""Code -> what it means."""

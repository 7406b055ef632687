"""Which elements of the specification Tenuto runs, and with which code it refuses the others.

The reference page is generated from this table, and a test holds it against the specification's
own schema: an element that stands in neither list fails the build.
"""

from typing import NamedTuple

SPECIFICATION = "Open Workflow Specification DSL 1.0 (formerly Serverless Workflow)"
COMMIT = "4d42471"
"""Of the specification's repository, 2026-07-29: what this table follows."""


class Element(NamedTuple):
    """One element: where it stands, and what becomes of it."""

    path: str
    """Dotted, `[]` for items of a list, `*` for any name."""
    does: str
    """What it does here, in a line."""
    refused: str | None = None
    """The code of the finding that refuses it; None when it is supported."""


class Group(NamedTuple):
    """Elements that belong together."""

    name: str
    schema: str
    """Definition of the specification's schema they stand in; empty for the document itself."""
    elements: tuple[Element, ...]


_RUNS_CODE = "E151"
_CALL_KIND = "E152"
_STREAMS = "E153"
_STARTS = "E154"
_CATALOGS = "E155"
_LANGUAGE = "E156"
_GRANT = "E157"
_RESOURCE = "E158"


def _all(code: str, why: str, *paths: str) -> tuple[Element, ...]:
    return tuple(Element(path, why, code) for path in paths)


_NO_CODE = "Code from a document is not run; put it into an activity."

GROUPS: tuple[Group, ...] = (
    Group(
        "Document",
        "",
        (
            Element("document", "Names the definition."),
            Element("document.dsl", "`1.0.0` to `1.0.3`."),
            Element("document.namespace", "First half of the definition's name."),
            Element("document.name", "Second half of the definition's name."),
            Element("document.version", "Semantic version; its content never changes."),
            Element("document.title", "Shown with the run."),
            Element("document.summary", "Markdown, shown with the run."),
            Element("document.tags", "Kept with the definition."),
            Element(
                "document.metadata",
                "Kept; `searchAttributes` and `temporal.schedule` are read.",
            ),
            Element("input", "Schema and transformation of the run's input."),
            Element("use", "Reusable parts."),
            Element("use.authentications", "By name in `authentication.use`."),
            Element("use.errors", "By name in `raise.error`."),
            Element("use.extensions", "Woven in before and after tasks when deployed."),
            Element("use.functions", "By name in `call`."),
            Element("use.retries", "By name in `catch.retry`."),
            Element("use.secrets", "Names that `$secrets` may read."),
            Element("use.timeouts", "By name in `timeout`."),
            Element("use.catalogs", "Only Tenuto's own catalog, `@default`.", _CATALOGS),
            Element("do", "The tasks."),
            Element("timeout", "Longest time of a run; ends it with `timeout` 408."),
            Element("output", "Transformation and schema of the run's output."),
            Element("schedule", "Becomes a Temporal Schedule when deployed."),
            Element("schedule.every", "At this interval."),
            Element("schedule.cron", "At these times; the zone stands in the metadata."),
            Element("schedule.after", "A delay after the end of a run.", _STARTS),
            Element("schedule.on", "A start by events.", _STARTS),
            Element("schedule.read", "Belongs to `schedule.on`.", _STARTS),
            Element("evaluate", "The expression language."),
            Element("evaluate.language", "`jq`; another is refused with E156."),
            Element("evaluate.mode", "`strict`; `loose` is refused with E156."),
        ),
    ),
    Group(
        "Every task",
        "taskBase",
        (
            Element("if", "Over the raw input; a skipped task hands its input on."),
            Element("input", "Schema and transformation of its input."),
            Element("output", "Transformation and schema of its output."),
            Element("export", "Replaces `$context`."),
            Element("timeout", "Ends it with `timeout` 408, and what runs inside."),
            Element("then", "`continue`, `exit`, `end`, or a task of the same list."),
            Element("metadata", "Kept; `temporal` and `searchAttributes` are read."),
        ),
    ),
    Group(
        "call",
        "callTask",
        (
            Element("call", "`http`, `openapi`, a function, or a catalog entry."),
            Element("with", "The arguments."),
            Element("with.endpoint", "HTTP: text, template, or object."),
            Element("with.method", "HTTP."),
            Element("with.headers", "HTTP."),
            Element("with.body", "HTTP."),
            Element("with.query", "HTTP."),
            Element("with.output", "HTTP, OpenAPI: `content`, `raw`, `response`."),
            Element("with.redirect", "HTTP, OpenAPI."),
            Element("with.document", "OpenAPI: 2.0, 3.0, 3.1; fetched by the activity."),
            Element("with.operationId", "OpenAPI."),
            Element("with.parameters", "OpenAPI."),
            Element("with.authentication", "OpenAPI."),
            *_all(
                _CALL_KIND,
                "Part of `call: asyncapi`, `grpc`, `mcp`, or `a2a`.",
                "with.channel",
                "with.operation",
                "with.server",
                "with.protocol",
                "with.message",
                "with.subscription",
                "with.proto",
                "with.service",
                "with.service.name",
                "with.service.host",
                "with.service.port",
                "with.service.authentication",
                "with.arguments",
                "with.agentCard",
                "with.protocolVersion",
                "with.timeout",
                "with.transport",
                "with.transport.http",
                "with.transport.http.endpoint",
                "with.transport.http.headers",
                "with.transport.stdio",
                "with.transport.stdio.command",
                "with.transport.stdio.arguments",
                "with.transport.stdio.environment",
                "with.transport.options",
                "with.client",
                "with.client.name",
                "with.client.version",
            ),
        ),
    ),
    Group("do", "doTask", (Element("do", "Tasks in sequence."),)),
    Group(
        "emit",
        "emitTask",
        (
            Element("emit", "Sends a CloudEvent."),
            Element("emit.event", "The event."),
            Element("emit.event.with", "Its attributes; `id` and `time` are filled in."),
        ),
    ),
    Group(
        "for",
        "forTask",
        (
            Element("for", "A loop."),
            Element("for.each", "Name of the item; `item` otherwise."),
            Element("for.in", "Evaluated once; an empty one gives what the loop took in."),
            Element("for.at", "Name of the index; `index` otherwise."),
            Element("while", "Before each iteration."),
            Element("do", "Tasks of one iteration."),
        ),
    ),
    Group(
        "fork",
        "forkTask",
        (
            Element("fork", "Tasks at the same time."),
            Element("fork.branches", "Outputs in this order; the first failure cancels the rest."),
            Element("fork.compete", "The first to complete wins; one that fails has not."),
        ),
    ),
    Group(
        "listen",
        "listenTask",
        (
            Element("listen", "Waits for events."),
            Element("listen.to", "Which."),
            Element("listen.read", "`data`, `envelope`, `raw`."),
            Element("foreach", "Tasks for each event.", _STREAMS),
        ),
    ),
    Group(
        "raise",
        "raiseTask",
        (
            Element("raise", "Ends with an error."),
            Element("raise.error", "The error, or its name in `use.errors`."),
        ),
    ),
    Group(
        "run",
        "runTask",
        (
            Element("run", "Another deployed definition as a child."),
            Element("run.await", "`false` starts it and goes on."),
            Element("run.workflow", "Which."),
            Element("run.workflow.namespace", "Of the other definition."),
            Element("run.workflow.name", "Of the other definition."),
            Element("run.workflow.version", "Or `latest`, which is resolved when the task runs."),
            Element("run.workflow.input", "Its input."),
            *_all(
                _RUNS_CODE,
                _NO_CODE,
                "run.return",
                "run.container",
                "run.container.image",
                "run.container.name",
                "run.container.command",
                "run.container.ports",
                "run.container.volumes",
                "run.container.environment",
                "run.container.stdin",
                "run.container.arguments",
                "run.container.lifetime",
                "run.container.pullPolicy",
                "run.script",
                "run.script.language",
                "run.script.stdin",
                "run.script.arguments",
                "run.script.environment",
                "run.script.code",
                "run.script.source",
                "run.shell",
                "run.shell.command",
                "run.shell.stdin",
                "run.shell.arguments",
                "run.shell.environment",
            ),
        ),
    ),
    Group("set", "setTask", (Element("set", "An object, or one expression."),)),
    Group(
        "switch",
        "switchTask",
        (
            Element("switch", "Cases in order; without a match the flow continues."),
            Element("switch[].*.when", "Absent in the default case."),
            Element("switch[].*.then", "Where to go on."),
        ),
    ),
    Group(
        "try",
        "tryTask",
        (
            Element("try", "Tasks whose errors are taken."),
            Element("catch", "Which errors, and what then."),
            Element("catch.errors", "A filter."),
            Element("catch.errors.with", "Members that must be equal; old error URIs too."),
            Element("catch.as", "Name of the error; `error` otherwise."),
            Element("catch.when", "Takes the error only if this holds."),
            Element("catch.exceptWhen", "Takes it only if this does not hold."),
            Element("catch.retry", "A policy, or its name in `use.retries`."),
            Element("catch.do", "Tasks after the last attempt."),
            Element("catch.then", "Where to go on after an error."),
        ),
    ),
    Group("wait", "waitTask", (Element("wait", "A duration; costs a timer, no worker."),)),
    Group(
        "Authentication",
        "authenticationPolicy",
        (
            Element("basic", "Or `use`: a secret with `username` and `password`."),
            Element("basic.username", "Text, expression, or secret."),
            Element("basic.password", "Text, expression, or secret."),
            Element("bearer", "Or `use`: a secret with `token`."),
            Element("bearer.token", "Text, expression, or secret."),
            Element("digest", "Or `use`: a secret with `username` and `password`."),
            Element("digest.username", "Text, expression, or secret."),
            Element("digest.password", "Text, expression, or secret."),
            Element("oauth2", "`client_credentials`."),
            Element("oauth2.endpoints", "Of the authority."),
            Element("oauth2.endpoints.token", "`/oauth2/token` otherwise."),
            Element("oauth2.endpoints.revocation", "Accepted, not called."),
            Element("oauth2.endpoints.introspection", "Accepted, not called."),
            Element("oidc", "`client_credentials`; the token endpoint is discovered."),
        ),
    ),
    Group(
        "Named authentication",
        "referenceableAuthenticationPolicy",
        (Element("use", "A name in `use.authentications`."),),
    ),
    Group(
        "Authentication by secret",
        "secretBasedAuthenticationPolicy",
        (Element("use", "A name in `use.secrets`."),),
    ),
    Group(
        "OAuth2 and OpenID Connect",
        "oauth2AuthenticationProperties",
        (
            Element("authority", "Base of the token endpoint."),
            Element("grant", "`client_credentials`; another is refused with E157."),
            Element("client", "Who asks."),
            Element("client.id", "Text, expression, or secret."),
            Element("client.secret", "Text, expression, or secret."),
            Element("client.authentication", "`client_secret_post` or `client_secret_basic`."),
            Element("scopes", "Asked for."),
            Element("audiences", "Asked for."),
            Element("request", "How the token is asked for."),
            Element("request.encoding", "Form or JSON."),
            *_all(
                _GRANT,
                "Belongs to another grant.",
                "client.assertion",
                "issuers",
                "username",
                "password",
                "subject",
                "actor",
            ),
        ),
    ),
    Group(
        "OAuth2 token",
        "oauth2Token",
        _all(_GRANT, "Belongs to token exchange.", "token", "type"),
    ),
    Group(
        "Duration",
        "duration",
        tuple(
            Element(unit, "Whole number, added to the others.")
            for unit in ("days", "hours", "minutes", "seconds", "milliseconds")
        ),
    ),
    Group(
        "Error",
        "error",
        (
            Element("type", "A URI."),
            Element("status", "A number."),
            Element("instance", "Accepted; the run sets the pointer of the task itself."),
            Element("title", "Text or expression."),
            Element("detail", "Text or expression."),
        ),
    ),
    Group(
        "Error filter",
        "errorFilter",
        tuple(
            Element(member, "Equal, where given.")
            for member in ("type", "status", "instance", "title", "detail")
        ),
    ),
    Group(
        "Endpoint",
        "endpoint",
        (
            Element("uri", "Text, `{name}` template, or expression."),
            Element("authentication", "A policy, or its name."),
        ),
    ),
    Group(
        "Event",
        "eventProperties",
        (
            Element("id", "A UUID where none is given."),
            Element("source", "`/<namespace>/<name>/<version>` where none is given."),
            Element("type", "Required to emit."),
            Element("time", "Now, where none is given."),
            Element("subject", "The run it is for."),
            Element("datacontenttype", "`application/json` where there are data."),
            Element("dataschema", "Passed on."),
            Element("data", "JSON."),
        ),
    ),
    Group(
        "Which events",
        "eventConsumptionStrategy",
        (
            Element("one", "The first that matches."),
            Element("any", "The first that matches one of the filters."),
            Element("all", "One for each filter."),
            *_all(_STREAMS, "A stream of events.", "until", "until.until"),
        ),
    ),
    Group(
        "Event filter",
        "eventFilter",
        (
            Element("with", "Attributes that must be equal, or expressions that must hold."),
            Element("correlate", "Keys that tie events together."),
            Element("correlate.*.from", "The key, from the event."),
            Element("correlate.*.expect", "What it must be; otherwise that of the other events."),
        ),
    ),
    Group(
        "Extension",
        "extension",
        (
            Element("extend", "A kind of task, or `all`."),
            Element("when", "Only where this holds."),
            Element(
                "before", "Tasks before, over the task's input; `then: exit` replaces the task."
            ),
            Element("after", "Tasks after; what they give is dropped."),
        ),
    ),
    Group(
        "External resource",
        "externalResource",
        (
            Element("name", "For people."),
            Element("endpoint", "Where the document of `call: openapi` lies."),
        ),
    ),
    Group(
        "Input",
        "input",
        (
            Element("schema", "Checked first."),
            Element("from", "Then transformed."),
        ),
    ),
    Group(
        "Output",
        "output",
        (Element("schema", "Checked after `as`."), Element("as", "Transforms the raw output.")),
    ),
    Group(
        "Export",
        "export",
        (Element("schema", "Checked after `as`."), Element("as", "The new `$context`.")),
    ),
    Group(
        "Retry policy",
        "retryPolicy",
        (
            Element("when", "Tries again only if this holds."),
            Element("exceptWhen", "Tries again only if this does not hold."),
            Element("delay", "Before the first retry."),
            Element("backoff", "How the delay grows."),
            Element("backoff.constant", "It does not."),
            Element("backoff.exponential", "It doubles."),
            Element("backoff.linear", "By itself."),
            Element("limit", "When to give up."),
            Element("limit.attempt", "Of one attempt."),
            Element("limit.attempt.count", "Most retries."),
            Element("limit.attempt.duration", "Longest attempt."),
            Element("limit.duration", "Longest time of all."),
            Element("jitter", "Adds a random part."),
            Element("jitter.from", "At least."),
            Element("jitter.to", "At most."),
        ),
    ),
    Group(
        "Schema",
        "schema",
        (
            Element("format", "`json`, with or without a version."),
            Element("document", "JSON Schema 2020-12; references stay inside it."),
            Element("resource", "A schema from elsewhere.", _RESOURCE),
        ),
    ),
    Group("Timeout", "timeout", (Element("after", "A duration."),)),
    Group("Catalog", "catalog", _all(_CATALOGS, "A catalog from elsewhere.", "endpoint")),
    Group(
        "Container lifetime",
        "containerLifetime",
        _all(_RUNS_CODE, _NO_CODE, "cleanup", "after"),
    ),
    Group(
        "Process result",
        "processResult",
        _all(_RUNS_CODE, _NO_CODE, "code", "stdout", "stderr"),
    ),
    Group(
        "AsyncAPI",
        "asyncApiServer",
        _all(_CALL_KIND, "Part of `call: asyncapi`.", "name", "variables"),
    ),
    Group(
        "AsyncAPI message out",
        "asyncApiOutboundMessage",
        _all(_CALL_KIND, "Part of `call: asyncapi`.", "payload", "headers"),
    ),
    Group(
        "AsyncAPI message in",
        "asyncApiInboundMessage",
        _all(_CALL_KIND, "Part of `call: asyncapi`.", "correlationId"),
    ),
    Group(
        "AsyncAPI subscription",
        "asyncApiSubscription",
        _all(_CALL_KIND, "Part of `call: asyncapi`.", "filter", "consume", "foreach"),
    ),
    Group(
        "AsyncAPI consumption",
        "asyncApiMessageConsumptionPolicy",
        _all(_CALL_KIND, "Part of `call: asyncapi`.", "for", "amount", "while", "until"),
    ),
    Group(
        "Subscription iterator",
        "subscriptionIterator",
        _all(_STREAMS, "Tasks for each event.", "item", "at", "do", "output", "export"),
    ),
)

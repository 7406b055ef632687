"""What rules can be about: principals, resources with their attributes, and actions.

One action stands for a start of any workflow, `workflow:start`; below it there is one per catalog
entry, `workflow:start/daily-nav`, whose `context.input` has that workflow's own fields. A rule
for all starts says `action in Action::"workflow:start"`, a rule that reads the input of one says
`action == Action::"workflow:start/daily-nav"`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tenuto.policy.types import (
    Exact,
    Field,
    Fields,
    Flag,
    Many,
    Moment,
    Name,
    Text,
    Type,
    Whole,
    quoted,
    schema_text,
)

START = "workflow:start"
PRINCIPALS = {"user": "User", "service": "Service", "agent": "Agent"}
"""Kind of a principal -> its entity type."""
_EVERYBODY = tuple(PRINCIPALS.values())


def _must(kind: Type) -> Field:
    return Field(kind, must_be_said=True)


def _may(kind: Type) -> Field:
    return Field(kind, optional=True, must_be_said=True)


RESOURCES: Mapping[str, Fields] = {
    "WorkflowType": Fields({"tags": _must(Many(Text()))}),
    "Run": Fields({"type": _must(Text()), "started_by": _may(Name())}),
    "HumanTask": Fields(
        {
            "kind": _must(Text()),
            "risk": _must(Whole()),
            "amount": _may(Exact()),
            "currency": _may(Text()),
            "requester": _may(Name()),
            "preparers": _must(Many(Name())),
            "watchers": _must(Many(Name())),
            "candidates": _must(Many(Name())),
            "assignee": _may(Name()),
            "decided_by": _must(Many(Name())),
        }
    ),
    "Tool": Fields({"risk": _must(Whole()), "writes": _must(Flag()), "hosts": _must(Many(Text()))}),
    "Definition": Fields(
        {
            "activities": _must(Many(Text())),
            "hosts": _must(Many(Text())),
            "queues": _must(Many(Text())),
        }
    ),
    "Schedule": Fields({}),
    "Artifact": Fields({}),
    "Policy": Fields({}),
    "Keys": Fields({}),
    "Ledger": Fields({}),
    "Thing": Fields({}),
}
"""Entity type of a resource -> its attributes. `Thing` is what actions of your own are about."""

IDENTITY = Fields(
    {
        "id": Field(Name()),
        "words": Field(Many(Name())),
        "owner": Field(Name(), optional=True),
    }
)
"""Attributes of a principal: its id, its id and groups as lists of candidates name them, and who
answers for a service or an agent."""

CALL = Fields(
    {
        "method": Field(Text(("local", "oidc", "token"))),
        "via": Field(Text()),
        "mfa_age_s": Field(Whole(), optional=True),
        "at": Field(Moment(), optional=True),
    }
)
"""How the question was asked."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one action is about, and what its context holds besides `call`, `text`, `joined`."""

    resources: tuple[str, ...]
    context: Mapping[str, Field]
    principals: tuple[str, ...] = _EVERYBODY
    parent: str = ""
    """The action it belongs to."""


def _about(*resources: str, **context: Field) -> Shape:
    return Shape(resources, context)


_MESSAGE = Field(Text(), optional=True)
_TOOL_CALL = {
    "env": Field(Text(), optional=True),
    "host": Field(Text(), optional=True),
    "spent_usd": Field(Exact(), optional=True),
    "steps": Field(Whole(), optional=True),
}
_OF_TASKS = (
    *("read", "claim", "decide", "delegate", "forward", "release", "comment", "attach"),
    *("remind_me", "administer"),
)
_OF_SCHEDULES = ("read", "pause", "resume", "trigger", "backfill", "delete")

ACTIONS: Mapping[str, Shape] = {
    START: _about("WorkflowType"),
    "workflow:break-glass": _about("WorkflowType"),
    "run:read": _about("Run"),
    "run:signal": _about("Run", "HumanTask", message=_MESSAGE),
    "run:update": _about("Run", "HumanTask", message=_MESSAGE),
    "run:cancel": _about("Run", "HumanTask"),
    "run:terminate": _about("Run", "HumanTask"),
    **{f"task:{verb}": _about("HumanTask") for verb in _OF_TASKS},
    "definition:deploy": _about("Definition"),
    "schedule:apply": _about("Schedule", workflow=Field(Text(), optional=True)),
    **{f"schedule:{verb}": _about("Schedule") for verb in _OF_SCHEDULES},
    "artifact:read": _about("Artifact"),
    "artifact:delete": _about("Artifact"),
    "policy:publish": _about("Policy"),
    "keys:rotate": _about("Keys"),
    **{f"audit:{verb}": _about("Ledger") for verb in ("read", "export", "pin", "erase")},
    "agent:tool": Shape(("Tool",), _TOOL_CALL, ("Agent",)),
    "agent:tool-unattended": Shape(("Tool",), _TOOL_CALL, ("Agent",)),
    "payload:decode": _about("Run", "HumanTask", "Keys"),
}
"""Every action Tenuto asks about."""


def all_actions(
    starts: Mapping[str, Fields | None], own: Mapping[str, Fields | None]
) -> dict[str, Shape]:
    """Every action there is: Tenuto's, one per workflow of `starts`, and those of `own`."""
    actions = dict(ACTIONS)
    for name, fields in starts.items():
        actions[f"{START}/{name}"] = Shape(("WorkflowType",), _with_input(fields), parent=START)
    for name, fields in own.items():
        actions[name] = Shape(("Thing",), _with_input(fields))
    return actions


def _with_input(fields: Fields | None) -> dict[str, Field]:
    return {"input": Field(fields)} if fields is not None else {}


def only(
    actions: Mapping[str, Shape], names: Callable[[str, Shape], frozenset[str]]
) -> dict[str, Shape]:
    """The same actions without those fields of an input that are not among an action's `names`."""
    return {action: _only(shape, names(action, shape)) for action, shape in actions.items()}


def _only(shape: Shape, names: frozenset[str]) -> Shape:
    if "input" not in shape.context:
        return shape
    if "input" not in names:
        return replace(shape, context={})
    return replace(shape, context={"input": shape.context["input"].only(names)})


def cedar_schema(actions: Mapping[str, Shape]) -> str:
    """The whole schema as text."""
    lines = ["entity Group;"]
    lines += [f"entity {kind} in [Group] = {schema_text(IDENTITY)};" for kind in _EVERYBODY]
    lines += [f"entity {kind} = {schema_text(each)};" for kind, each in RESOURCES.items()]
    lines.append(f"type Call = {schema_text(CALL)};")
    lines += [_action(name, shape) for name, shape in actions.items()]
    return "\n".join(lines) + "\n"


def _action(name: str, shape: Shape) -> str:
    parent = f" in [Action::{quoted(shape.parent)}]" if shape.parent else ""
    extras = schema_text(Fields(shape.context)).removeprefix("{").removesuffix("}")
    context = '"call": Call, "text": String, "joined": String' + (f", {extras}" if extras else "")
    return (
        f"action {quoted(name)}{parent} appliesTo {{"
        f" principal: [{', '.join(shape.principals)}], resource: [{', '.join(shape.resources)}],"
        f" context: {{{context}}} }};"
    )

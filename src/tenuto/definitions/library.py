"""The library: definitions as deployed, each version once and for ever."""

from typing import Literal

from pydantic import JsonValue

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.canonical import canonical_json, canonical_sha256
from tenuto.core.errors import CorruptError, NotFoundError, UsageError
from tenuto.core.records import Record
from tenuto.core.references import Document, Reference
from tenuto.definitions.digest import digest_of
from tenuto.definitions.plan import Plan
from tenuto.definitions.versions import LATEST, precedence

_ROOT = "definitions"


class Stored(Record):
    """What the artifact store holds of one version."""

    version: Literal[1] = 1
    source: str
    """The text of the file, as it was deployed."""
    value: JsonValue
    """The definition as read from the text."""
    digest: str
    plan: Plan


class Deployed(Record):
    """One version of a definition in the library."""

    namespace: str
    name: str
    version: str
    digest: str
    """SHA-256 of the plan."""
    document: Document
    """Where source text, definition, and plan are stored."""
    value: JsonValue
    """The definition as read: what its plan does not hold, such as the schedule, is here."""
    plan: Plan


class DefinitionLibrary:
    """Definitions by namespace, name, and version, in an artifact store."""

    def __init__(self, store: ArtifactStore) -> None:
        self.store = store

    def deploy(self, text: str, value: JsonValue, plan: Plan) -> Deployed:
        """Keeps a definition's text, value, and plan under the version that it names itself.

        The same definition again is no change, however it is formatted, and what was stored first
        is returned: its plan stays too, where the catalog's defaults have changed since. Raises
        UsageError `definition.version-taken` when that version is something else: a version never
        changes what it means. Of several processes that deploy one version at once, exactly one
        succeeds.
        """
        known = self._found(plan.head.namespace, plan.head.name, plan.head.version)
        if known is None:
            known = self._added(text, value, plan)
        if canonical_json(known.value) != canonical_json(value):
            raise _taken(known, value, plan)
        return known

    def find(self, namespace: str, name: str, version: str = LATEST) -> Deployed | None:
        """That version, or the highest by SemVer; None when there is none, as under a name that no
        store would keep."""
        try:
            return self._one(namespace, name, version)
        except UsageError as error:
            if error.code != "artifact.bad-name":
                raise
        return None

    def names(self) -> tuple[str, ...]:
        """`namespace/name` of every definition, sorted."""
        bound = [name.split("/") for name, _ in self.store.names(f"{_ROOT}/")]
        return tuple(sorted({f"{namespace}/{name}" for _, namespace, name, _ in bound}))

    def list(self, namespace: str | None = None) -> tuple[Deployed, ...]:
        """Every version of every definition, of one namespace or all: by namespace, name, and
        version, oldest first."""
        prefix = f"{_ROOT}/" if namespace is None else f"{_ROOT}/{namespace}/"
        found = [self._read(name, reference) for name, reference in self.store.names(prefix)]
        return tuple(
            sorted(found, key=lambda each: (each.namespace, each.name, precedence(each.version)))
        )

    def source(self, namespace: str, name: str, version: str = LATEST) -> str:
        """The text of a definition as it was deployed.

        Raises NotFoundError `definition.not-deployed`, naming the versions there are.
        """
        found = self.find(namespace, name, version)
        if found is None:
            raise self._missing(namespace, name, version)
        return self._stored(_name(namespace, name, found.version), found.document).source

    def _one(self, namespace: str, name: str, version: str) -> Deployed | None:
        if version != LATEST:
            return self._found(namespace, name, version)
        versions = [bound for bound, _ in self.store.names(f"{_ROOT}/{namespace}/{name}/")]
        if not versions:
            return None
        newest = max((bound.rpartition("/")[2] for bound in versions), key=precedence)
        return self._found(namespace, name, newest)

    def _found(self, namespace: str, name: str, version: str) -> Deployed | None:
        bound = _name(namespace, name, version)
        try:
            reference = self.store.resolve(bound)
        except NotFoundError:
            return None
        return self._read(bound, reference)

    def _added(self, text: str, value: JsonValue, plan: Plan) -> Deployed:
        head = plan.head
        precedence(head.version)
        stored = Stored(source=text, value=value, digest=digest_of(plan), plan=plan)
        bound = _name(head.namespace, head.name, head.version)
        document = self.store.put_json(stored, name=f"{head.name}-{head.version}.json")
        try:
            self.store.bind(bound, document)
        except UsageError as error:
            if error.code != "artifact.name-taken":
                raise
        # Whoever was first has decided what the name means.
        return self._read(bound, self.store.resolve(bound))

    def _read(self, bound: str, reference: Reference) -> Deployed:
        if not isinstance(reference, Document):
            raise _no_definition(bound, "a table")
        stored = self._stored(bound, reference)
        _, namespace, name, version = bound.split("/")
        head = stored.plan.head
        if (head.namespace, head.name, head.version) != (namespace, name, version):
            raise _no_definition(bound, f"`{head.namespace}/{head.name}` {head.version}")
        return Deployed(
            namespace=namespace,
            name=name,
            version=version,
            digest=stored.digest,
            document=reference,
            value=stored.value,
            plan=stored.plan,
        )

    def _stored(self, bound: str, document: Document) -> Stored:
        value = self.store.get_json(document)
        try:
            stored = Stored.model_validate(value)
        except ValueError as wrong:
            raise _no_definition(bound, "something else") from wrong
        # As it lies there: a later release may write the same plan in another way.
        written = value.get("plan") if isinstance(value, dict) else None
        if canonical_sha256(written) != stored.digest:
            raise _no_definition(bound, "a plan that has not the digest stored beside it")
        return stored

    def _missing(self, namespace: str, name: str, version: str) -> NotFoundError:
        prefix = f"{_ROOT}/{namespace}/{name}/"
        known = [bound.removeprefix(prefix) for bound, _ in self.store.names(prefix)]
        versions = ", ".join(sorted(known, key=precedence)) or "none"
        return NotFoundError(
            f"The library has no version {version} of `{namespace}/{name}` (versions: {versions});"
            " deploy it, or name one of these.",
            code="definition.not-deployed",
            details={"namespace": namespace, "name": name, "version": version},
        )


def _name(namespace: str, name: str, version: str) -> str:
    return f"{_ROOT}/{namespace}/{name}/{version}"


def _taken(known: Deployed, value: JsonValue, plan: Plan) -> UsageError:
    return UsageError(
        f"Version {known.version} of `{known.namespace}/{known.name}` is deployed with digest"
        f" {known.digest}, and this one, with digest {digest_of(plan)}, has another"
        f" {_differing(known.value, value)}. A version never changes what it means, since runs and"
        " audits name it; give this one the next `document.version` and deploy it again.",
        code="definition.version-taken",
        details={"deployed": known.digest, "refused": digest_of(plan)},
    )


def _differing(known: JsonValue, value: JsonValue) -> str:
    if not (isinstance(known, dict) and isinstance(value, dict)):
        return "value"
    parts = sorted({*known, *value})
    return " and ".join(f"`{part}`" for part in parts if known.get(part) != value.get(part))


def _no_definition(bound: str, found: str) -> CorruptError:
    return CorruptError(
        f"The name `{bound}` is kept for a definition and is bound to {found}. Whoever wrote it"
        " there did not deploy it; deploy the definition under its next version.",
        code="definition.corrupt-entry",
        details={"name": bound},
    )

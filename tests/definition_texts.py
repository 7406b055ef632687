"""Small definitions as text, and what the structural check finds in them."""

from textwrap import dedent, indent

from tenuto.definitions.check.structure import finding as structure
from tenuto.definitions.findings import Finding
from tenuto.definitions.loading import load

HEAD = "document: {dsl: 1.0.3, namespace: test, name: sample, version: 1.0.0}\n"


def definition(tasks: str, more: str = "") -> str:
    """A definition with these items of `do` and these other top-level parts, as YAML."""
    return HEAD + dedent(more).strip("\n") + "\ndo:\n" + indent(dedent(tasks).strip("\n"), "  ")


def structural(text: str, file: str = "f.yaml") -> list[Finding]:
    """What reading and the structural check find, in their own order."""
    loaded, findings = load(text, file)
    return findings + (structure.find(loaded) if loaded else [])


def codes(text: str) -> list[str]:
    """Codes of what is found, sorted."""
    return sorted(finding.code for finding in structural(text))


def only(text: str) -> Finding:
    """The one thing that is found."""
    (finding,) = structural(text)
    return finding

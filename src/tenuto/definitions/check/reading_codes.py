"""What can be found while a definition is read, before it has a meaning."""

SYNTAX = "E001"
TWICE = "E002"
ANCHOR = "E003"
TAG = "E004"
DOCUMENTS = "E005"
DEPTH = "E006"
SIZE = "E007"
KEY = "E008"
CHARACTER = "E009"
ENCODING = "E010"
VERSION_TWICE = "E011"
NUMBER = "W011"

CODES: dict[str, str] = {
    SYNTAX: "The file is not well-formed YAML 1.2 or JSON.",
    TWICE: "A key stands twice in the same mapping.",
    ANCHOR: "The file has an anchor or an alias.",
    TAG: "A value has a YAML tag.",
    DOCUMENTS: "The file holds more than one YAML document, or none.",
    DEPTH: "Values are nested deeper than 64.",
    SIZE: "The file is larger than 1,000,000 bytes, or has more than 50,000 values.",
    KEY: "A key is not text.",
    CHARACTER: "A character stands in the file that no text may hold, such as NUL.",
    ENCODING: "The file is not UTF-8.",
    VERSION_TWICE: "Two files have the same namespace, name, and version, and different content.",
    NUMBER: "A number has more digits than a float holds, and was read as text.",
}
"""Code -> what it means."""

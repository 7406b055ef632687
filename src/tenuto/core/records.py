"""The base of every model that crosses a process or is stored."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen, keyword-only, and closed: an unknown field is an error, never ignored."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, ser_json_bytes="base64"
    )

"""Keeps the worker's secrets out of what a model is told and of what is written down."""

import os
import re

from pydantic import JsonValue

from tenuto.activities.definitions.masks import Masks

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:KEY|KEYS|TOKEN|TOKENS|SECRET|SECRETS|PASSWORD|PASSWD|PASS|PWD|CREDENTIAL|"
    r"CREDENTIALS|DSN|AUTH)(?:_|$)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"secret://env/([A-Za-z_][A-Za-z0-9_]*)")
_SHORTEST = 6
"""A shorter value stands everywhere by chance."""


def masks_for(*texts: str) -> Masks:
    """Masks of every environment variable whose name says that it is a secret, and of those that
    `secret://env/NAME` in `texts` refers to."""
    masks = Masks()
    named = {name for text in texts for name in _REFERENCE.findall(text)}
    for name, value in os.environ.items():
        is_secret = name in named or _SECRET_NAME.search(name)
        if is_secret and len(value) >= _SHORTEST and "://" not in value:
            masks.add(value)
        elif is_secret and "://" in value:
            _add_credentials(masks, value)
    return masks


def masked(value: JsonValue, masks: Masks) -> JsonValue:
    """The same value with `***` for every secret in any text of it, keys included."""
    if isinstance(value, str):
        return masks.text(value)
    if isinstance(value, list):
        return [masked(each, masks) for each in value]
    if isinstance(value, dict):
        return {masks.text(name): masked(each, masks) for name, each in value.items()}
    return value


def _add_credentials(masks: Masks, url: str) -> None:
    """The whole URL, and what stands before its `@`."""
    masks.add(url)
    before, found, _ = url.rpartition("@")
    if found:
        masks.add(before.rpartition(":")[2])

"""Definitions of the older block form, turned into the Open Workflow Specification's."""

from tenuto.definitions.convert.blocks import convert
from tenuto.definitions.convert.yaml_text import to_yaml

__all__ = ["convert", "to_yaml"]

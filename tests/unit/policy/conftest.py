"""A project folder, and `tenuto` there."""

from unit.cli.conftest import project, tenuto

__all__ = ["project", "tenuto"]

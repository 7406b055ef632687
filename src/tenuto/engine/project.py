"""The settings of the project that this process serves, for bodies that read its files."""

from tenuto.engine.settings import Settings, load_settings

_current: Settings | None = None


def use_settings(settings: Settings | None) -> None:
    """Makes `settings` those of this process; None goes back to the project of the folder."""
    global _current
    _current = settings


def current_settings() -> Settings:
    """The settings that this process was started with, else those of the folder it runs in.

    Raises UsageError as `load_settings` does.
    """
    return _current or load_settings()

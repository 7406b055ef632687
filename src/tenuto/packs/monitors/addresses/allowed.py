"""Addresses that need no proof: those that the settings name."""

from fnmatch import fnmatchcase

from tenuto.engine.settings import Settings

ANY = ("*",)


def free_addresses(settings: Settings) -> tuple[str, ...]:
    """Patterns of the addresses that monitors may write to without proof: what
    `[monitors] recipients` says, else every address while policy is off and none while it is on."""
    named = settings.monitors.recipients
    if named is not None:
        return named
    return ANY if settings.policy_path is None else ()


def is_free(address: str, patterns: tuple[str, ...]) -> bool:
    """Whether any pattern fits, letter case aside."""
    return any(fnmatchcase(address.casefold(), each.casefold()) for each in patterns)


def unproved(owner: str, address: str) -> str:
    """What is to be done about an address that is neither free nor proved."""
    return (
        f"{address} is not verified for {owner}. Prove that it is yours:"
        f" `tenuto monitor verify {address}`; or name it in `[monitors] recipients` of tenuto.toml."
    )

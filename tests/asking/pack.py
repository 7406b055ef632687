"""The asking workflows as a pack."""

from tenuto.core.pack import Pack

pack = Pack(
    name="asking",
    summary="Workflows that ask people.",
    catalog=("asking.catalog",),
    workflows=tuple(
        f"asking.workflows:{name}"
        for name in ("Asks", "AsksAtOnce", "AsksOrGoesOn", "AsksBelow", "AsksAgain")
    ),
    passthrough=("asking.models",),
)

"""The commands of `tenuto triggers`."""

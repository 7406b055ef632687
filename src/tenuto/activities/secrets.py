"""Secrets as activities resolve them, at the moment of use."""

from tenuto.identity.secret_values import resolve_secret

__all__ = ["resolve_secret"]

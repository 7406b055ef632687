"""Nouns that every other room shares: records, references, money, errors, packs."""

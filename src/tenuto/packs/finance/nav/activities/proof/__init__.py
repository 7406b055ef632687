"""A NAV calculated a second time, by DuckDB and by Python fractions instead of Polars."""

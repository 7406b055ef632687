"""The NAV pack: what recipients of a net asset value get, as PDF, XLSX, JSON, and Parquet."""

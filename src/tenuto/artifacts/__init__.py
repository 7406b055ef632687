"""The content-addressed store of datasets, documents and evidence, on any fsspec path."""

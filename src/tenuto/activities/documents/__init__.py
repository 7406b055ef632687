"""Numbers and words as documents: PDF, workbooks, tables, bars."""

"""The search attributes by which a task for people is found."""

import re

STATE_ATTRIBUTE = "TenutoState"
ASSIGNEE_ATTRIBUTE = "TenutoAssignee"
CANDIDATES_ATTRIBUTE = "TenutoCandidates"
DUE_ATTRIBUTE = "TenutoDue"
PRIORITY_ATTRIBUTE = "TenutoPriority"
SUBJECT_ATTRIBUTE = "TenutoSubject"

MOST_CANDIDATE_BYTES = 1_800
"""The engine takes 2 KB for one search attribute; some room is left for whoever is delegated to.
A run that sets more is not refused but stuck, so the request is."""

_SEARCHABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}")


def is_searchable(word: str) -> bool:
    """Whether a query for runs can name this word: no quotes, blanks, or operators in it."""
    return _SEARCHABLE.fullmatch(word) is not None

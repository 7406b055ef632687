"""One definition with a mistake of nearly every kind: each is found, at its line and column."""

from typing import Any

TEXT = """\
document:
  dsl: 1.0.3
  namespace: test
  name: sample
  version: 0.1.0
  metadata:
    searchAttributes:
      TenutoSubjct: fund
    temporal:
      schedule:
        timeZone: Europe/Zuerich
        overlap: sometimes
schedule:
  cron: 0 25 * * *
input:
  schema:
    document:
      type: object
      properties:
        fund: {type: string}
      additionalProperties: false
use:
  secrets:
    - token
    - spare
do:
  - unknownFunction:
      call: nav.strke
  - wrongCatalog:
      call: nav.strike@elsewhere
      with:
        fund: ATLAS
  - wrongArguments:
      call: nav.strike
      with:
        fnd: ATLAS
        fund: 7
        mode: swnig
  - secrets:
      call: http
      with:
        a: ${ $secrets.tokn }
        b: ${ "Bearer \\($secrets.token)" }
  - options:
      call: http
      metadata:
        temporal:
          startToClos: PT1M
          priority: first
          heartbeat: PT5M
          startToClose: PT1M
  - attribute:
      call: http
      metadata:
        searchAttributes:
          Desk: equities
  - syntax:
      set:
        a: ${ .a +* 2 }
        b: ${ $now }
        c: "${ env.HOME }"
        d: ${ .a | test("(a+)+$") }
        e: Hello ${ .name }
        f: .name
  - word:
      if: approved
      set: {x: 1}
  - approval:
      call: human.approval
      with:
        title: Release
        approvers: [everyone]
  - policy:
      call: policy.check
      with: {action: release}
  - strike:
      call: nav.strike
      with:
        fund: ATLAS
  - reads:
      set:
        a: ${ .nav.totl }
        b: ${ .nav.lines.isin }
        c: ${ .nav.total * 2 }
        d: ${ $workflow.input.fnd }
        e: ${ .nav[0] }
  - loop:
      for:
        in: ${ [range(20000)] }
      do:
        - call: {call: http}
  - wait:
      wait: {minutes: 1}
      timeout:
        after: {seconds: 5}
  - event:
      listen: {to: {one: {with: {type: approved}}}}
      output:
        as: .amount
  - again:
      run:
        workflow:
          namespace: test
          name: sample
          version: 0.1.0
          input:
            fund: 12
"""

EXPECTED = [
    (8, 7, "E207"),
    (11, 19, "E208"),
    (12, 18, "E208"),
    (14, 9, "E208"),
    (25, 7, "W205"),
    (28, 13, "E201"),
    (30, 13, "E203"),
    (36, 9, "E202"),
    (37, 15, "E202"),
    (38, 15, "E202"),
    (42, 12, "E204"),
    (43, 12, "E205"),
    (48, 11, "E206"),
    (49, 21, "E206"),
    (50, 22, "E212"),
    (56, 11, "E207"),
    (59, 19, "E301"),
    (60, 15, "E302"),
    (61, 16, "E302"),
    (62, 25, "E303"),
    (63, 12, "W201"),
    (64, 12, "W202"),
    (66, 11, "E304"),
    (69, 13, "W204"),
    (72, 21, "E202"),
    (74, 13, "W203"),
    (82, 19, "E305"),
    (83, 25, "E306"),
    (84, 26, "W301"),
    (85, 30, "E305"),
    (86, 19, "E306"),
    (88, 7, "W207"),
    (94, 7, "W210"),
    (99, 13, "W303"),
    (107, 19, "E211"),
]


def test_inv_15_every_mistake_is_found_at_its_line_and_column(find: Any) -> None:
    found = find(TEXT)

    assert sorted((each.line, each.column, each.code) for each in found) == EXPECTED
    assert len({each.code for each in found}) >= 20


def test_every_finding_says_what_is_wrong_in_a_sentence(find: Any) -> None:
    for finding in find(TEXT):
        assert finding.message.endswith((".", "`.")), finding
        assert finding.message[0].isupper() or finding.message[0] in "`0123456789"
        assert finding.file == "sample.yaml"

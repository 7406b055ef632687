Feature: Flow Directives Below The Top
  As an implementer of the workflow DSL
  I want directives to act on the scope they stand in
  So that structure means the same at every depth

  Scenario: Exit Leaves The Scope, End Leaves The Workflow
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: exit-and-end, version: '1.0.0' }
    do:
      - inner:
          do:
            - one: { set: { a: 1 }, then: exit }
            - never: { set: { a: 2 } }
      - next:
          do:
            - two: { set: { a: '${ .a + 10 }' }, then: end }
      - last: { set: { a: 3 } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    a: 11
    """
    And never should not run
    And last should not run

  Scenario: A Loop With A Condition Stops Before The Iteration
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: for-while, version: '1.0.0' }
    do:
      - start: { set: { sum: 0, numbers: [ 1, 2, 3, 4 ] } }
      - loop:
          for: { each: number, in: .numbers, at: position }
          while: .sum + $number < 5
          do:
            - add: { set: { sum: '${ .sum + $number }', last: '${ $position }' } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    sum: 3
    last: 1
    """
    And add should run 2 times

  Scenario: A Fork Gives Its Branches' Outputs In Order
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: fork-order, version: '1.0.0' }
    do:
      - both:
          fork:
            branches:
              - slow:
                  do:
                    - pause: { wait: { milliseconds: 40 } }
                    - left: { set: { from: '${ .id }', side: left } }
              - quick: { set: { from: '${ .id }', side: right } }
    """
    And given the workflow input is:
    """yaml
    id: 9
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    - { from: 9, side: left }
    - { from: 9, side: right }
    """

  Scenario: The First Branch To Finish Wins, The Others Are Cancelled
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: fork-compete, version: '1.0.0' }
    do:
      - race:
          fork:
            compete: true
            branches:
              - slow: { wait: PT5M }
              - quick:
                  do:
                    - pause: { wait: { milliseconds: 20 } }
                    - done: { set: { winner: quick } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    winner: quick
    """
    And slow should be cancelled

  Scenario: A Failing Branch Cancels The Others
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: fork-fails, version: '1.0.0' }
    do:
      - both:
          fork:
            branches:
              - slow: { wait: PT5M }
              - broken:
                  raise:
                    error: { type: 'https://example.com/errors/broken', status: 500, detail: '${ "no \(.id)" }' }
    """
    And given the workflow input is:
    """yaml
    id: 9
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/errors/broken
    status: 500
    detail: no 9
    instance: /do/0/both/fork/branches/1/broken
    """
    And slow should be cancelled

  Scenario: A Cancelled Workflow Ends Cancelled
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: cancelled, version: '1.0.0' }
    do:
      - slow: { wait: PT5M }
    """
    When the workflow is started
    And the workflow waits in slow
    And the workflow is cancelled
    Then the workflow should be cancelled

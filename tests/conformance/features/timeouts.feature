Feature: Timeouts
  As an implementer of the workflow DSL
  I want tasks and workflows to end after a time
  So that nothing waits for ever

  Scenario: A Task That Takes Too Long Is An Error That A Try Takes
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: task-timeout, version: '1.0.0' }
    do:
      - guarded:
          try:
            - slow:
                do:
                  - deep: { wait: { minutes: 5 } }
                timeout:
                  after: { milliseconds: 50 }
          catch:
            errors:
              with:
                type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
                status: 408
            do:
              - tell: { set: { at: '${ $error.instance }' } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    at: /do/0/guarded/try/0/slow
    """
    And deep should be cancelled

  Scenario: A Workflow That Takes Too Long Faults
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: workflow-timeout, version: '1.0.0' }
    use:
      timeouts:
        short:
          after: { milliseconds: 80 }
    timeout: short
    do:
      - slow: { wait: PT5M }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
    status: 408
    """

  Scenario: One Branch Times Out And The Other Is Cancelled
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: branch-timeout, version: '1.0.0' }
    do:
      - both:
          fork:
            branches:
              - slow:
                  wait: PT5M
                  timeout: { after: PT0.05S }
              - other: { wait: PT6M }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/both/fork/branches/0/slow
    """
    And other should be cancelled

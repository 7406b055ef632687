Feature: Conditional Tasks
  As an implementer of the workflow DSL
  I want tasks to run only when their condition holds
  So that a workflow can leave out what does not apply

  # A skipped task hands on its raw input and takes no part in the flow
  Scenario: A Task Whose Condition Fails Is Skipped
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: if-skips, version: '1.0.0' }
    do:
      - discount:
          if: .total > 100
          set:
            discount: 10
          then: end
      - ship:
          set:
            shipped: '${ .total }'
    """
    And given the workflow input is:
    """yaml
    total: 50
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    shipped: 50
    """
    And discount should be skipped
    And discount should not run

  Scenario: A Condition Sees The Raw Input
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: if-raw, version: '1.0.0' }
    do:
      - pick:
          if: .order.ok
          input:
            from: .order
          set:
            id: '${ .id }'
    """
    And given the workflow input is:
    """yaml
    order: { ok: true, id: 7 }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    id: 7
    """

  Scenario: A Condition That Cannot Be Evaluated Is An Error
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: if-breaks, version: '1.0.0' }
    do:
      - count:
          if: .name > 1 and (.name | tonumber) > 1
          set:
            a: 1
    """
    And given the workflow input is:
    """yaml
    name: Ann
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/expression
    status: 400
    instance: /do/0/count
    """

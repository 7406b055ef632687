Feature: Wait Task
  As an implementer of the workflow DSL
  I want a workflow to let time pass
  So that it goes on later, with its data unchanged

  Scenario: Waiting Keeps The Data
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: wait-inline, version: '1.0.0' }
    do:
      - before: { set: { a: 1 } }
      - pause:
          wait: { milliseconds: 20 }
      - after: { set: { a: '${ .a + 1 }' } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    a: 2
    """
    And pause should run after before
    And after should run after pause

  Scenario: Waiting For An ISO 8601 Duration
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: wait-iso, version: '1.0.0' }
    do:
      - pause:
          wait: PT0.02S
    """
    And given the workflow input is:
    """yaml
    kept: true
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    kept: true
    """

  Scenario: Waiting For A Duration From The Data
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: wait-computed, version: '1.0.0' }
    do:
      - pause:
          wait: '${ .delay }'
    """
    And given the workflow input is:
    """yaml
    delay: { milliseconds: 10 }
    """
    When the workflow is executed
    Then the workflow should complete

  Scenario: A Duration That Is None Is An Error
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: wait-wrong, version: '1.0.0' }
    do:
      - pause:
          wait: '${ .delay }'
    """
    And given the workflow input is:
    """yaml
    delay: soon
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/configuration
    status: 400
    instance: /do/0/pause
    """

Feature: Run Task
  As an implementer of the workflow DSL
  I want a workflow to run another
  So that a part can be kept, versioned, and used by many

  Scenario: Another Workflow's Output
    Given the deployed workflow:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: doubling, version: '1.2.0' }
    input:
      schema:
        document:
          type: object
          required: [ number ]
    do:
      - double: { set: { number: '${ .number * 2 }' } }
    """
    And a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: run-other, version: '1.0.0' }
    do:
      - twice:
          run:
            workflow:
              namespace: features
              name: doubling
              version: '1.2.0'
              input:
                number: '${ .n }'
    """
    And given the workflow input is:
    """yaml
    n: 21
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    number: 42
    """

  Scenario: Another Workflow's Fault
    Given the deployed workflow:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: failing, version: '1.0.0' }
    do:
      - no:
          raise:
            error: { type: 'https://example.com/errors/no', status: 409 }
    """
    And a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: run-failing, version: '1.0.0' }
    do:
      - guarded:
          try:
            - other:
                run:
                  workflow: { namespace: features, name: failing, version: latest }
          catch:
            errors:
              with: { status: 409 }
            do:
              - tell: { set: { caught: '${ $error.type }' } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    caught: https://example.com/errors/no
    """

  Scenario: A Workflow Nobody Deployed
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: run-missing, version: '1.0.0' }
    do:
      - other:
          run:
            workflow: { namespace: features, name: nobody, version: '1.0.0' }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/configuration
    instance: /do/0/other
    """

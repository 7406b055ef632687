Feature: Schemas
  As an implementer of the workflow DSL
  I want inputs and outputs checked against their schemas
  So that wrong data is stopped where it enters

  Scenario: A Wrong Workflow Input Is An Error
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: input-schema, version: '1.0.0' }
    input:
      schema:
        document:
          type: object
          required: [ amount ]
          properties:
            amount: { type: string, pattern: '^[0-9]+\.[0-9]{2}$' }
    do:
      - keep:
          set: { amount: '${ .amount }' }
    """
    And given the workflow input is:
    """yaml
    amount: 1.5
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    status: 400
    """
    And keep should not run

  Scenario: The Raw Task Input Is Checked Before It Is Transformed
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: task-schema, version: '1.0.0' }
    do:
      - pick:
          input:
            schema:
              document:
                type: object
                required: [ user ]
            from: .user
          set:
            name: '${ .name }'
    """
    And given the workflow input is:
    """yaml
    user: { name: Ann }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    name: Ann
    """

  Scenario: A Wrong Task Output Is An Error That A Try Takes
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: output-schema, version: '1.0.0' }
    do:
      - guarded:
          try:
            - make:
                set: { count: many }
                output:
                  schema:
                    document:
                      type: object
                      properties:
                        count: { type: integer }
          catch:
            errors:
              with:
                type: https://serverlessworkflow.io/spec/1.0.0/errors/validation
            as: wrong
            do:
              - tell:
                  set:
                    where: '${ $wrong.instance }'
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    where: /do/0/guarded/try/0/make
    """

  Scenario: The Workflow Output Is Transformed, Then Checked
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: workflow-output, version: '1.0.0' }
    do:
      - make:
          set: { total: 3, rest: x }
    output:
      as: '{ total: .total }'
      schema:
        document:
          type: object
          additionalProperties: false
          properties:
            total: { type: integer }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    total: 3
    """

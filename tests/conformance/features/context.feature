Feature: Workflow Context
  As an implementer of the workflow DSL
  I want tasks to export into the context
  So that later tasks read what is not in the flow any more

  Scenario: Export Sees The Transformed Output And Replaces The Context
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: context, version: '1.0.0' }
    do:
      - first:
          set:
            id: 1
            noise: true
          output:
            as: '{ id: .id }'
          export:
            as: '{ first: $output, seen: . }'
      - second:
          set:
            answer: '${ $context.seen }'
          export:
            as: '$context + { second: .answer.id }'
      - third:
          set:
            context: '${ $context }'
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    context:
      first: { id: 1 }
      seen: { id: 1 }
      second: 1
    """

  Scenario: Branches Merge Their Context In Order
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: context-of-branches, version: '1.0.0' }
    do:
      - both:
          fork:
            branches:
              - left:
                  set: { side: left }
                  export:
                    as: '($context // {}) + { left: .side, last: .side }'
              - right:
                  set: { side: right }
                  export:
                    as: '($context // {}) + { right: .side, last: .side }'
      - read:
          set:
            context: '${ $context }'
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have a 'context.left' property with value:
    """yaml
    left
    """
    And the workflow output should have a 'context.right' property with value:
    """yaml
    right
    """
    And the workflow output should have a 'context.last' property with value:
    """yaml
    right
    """

  Scenario: An Exported Context That Breaks Its Schema Is An Error
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: context-schema, version: '1.0.0' }
    do:
      - remember:
          set: { amount: ten }
          export:
            as: .
            schema:
              document:
                type: object
                properties:
                  amount: { type: number }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/validation
    status: 400
    instance: /do/0/remember
    """

  Scenario: Expressions Know Their Task, Their Workflow, And The Runtime
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: descriptors, version: '1.0.0' }
    do:
      - look:
          set:
            task: '${ $task.name }'
            reference: '${ $task.reference }'
            raw: '${ $workflow.input.a }'
            started: '${ $workflow.startedAt.epoch.seconds | type }'
            name: '${ $workflow.definition.document.name }'
            runtime: '${ $runtime.name }'
    """
    And given the workflow input is:
    """yaml
    a: 1
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    task: look
    reference: /do/0/look
    raw: 1
    started: number
    name: descriptors
    runtime: tenuto
    """

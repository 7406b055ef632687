Feature: Human Approval
  As an author of workflows
  I want to ask people by name
  So that a decision of theirs is a step like any other

  Scenario: Somebody Approves
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: approval, version: '1.0.0' }
    do:
      - sign:
          call: human.approval
          with:
            title: Release the report
            approvers: [ 'u:ann', 'u:bob' ]
          output:
            as: '{ decision: .decision }'
    """
    When the workflow is started
    And the workflow waits in sign
    And sign is decided with:
    """yaml
    decision: approve
    by: u:ann
    comment: looks right
    """
    Then the workflow should complete with output:
    """yaml
    decision: approve
    """

  Scenario: Nobody Answers In Time
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: approval-expires, version: '1.0.0' }
    do:
      - guarded:
          try:
            - sign:
                call: human.approval
                with:
                  title: Release the report
                  approvers: [ 'u:ann' ]
                  timeout: PT0.1S
          catch:
            errors:
              with:
                type: https://open-workflow-specification.org/spec/1.0.0/errors/timeout
                status: 408
            do:
              - late: { set: { released: false } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    released: false
    """

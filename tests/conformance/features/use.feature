Feature: Reusable Parts
  As an implementer of the workflow DSL
  I want parts named under use to be taken where they are named
  So that nothing has to be written twice

  Scenario: A Function Of The Document
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: use-function, version: '1.0.0' }
    use:
      functions:
        greet:
          input:
            schema:
              document:
                type: object
                required: [ name ]
                properties:
                  name: { type: string }
          set:
            greeting: '${ "Hello \(.name)" }'
    do:
      - hello:
          call: greet
          with:
            name: '${ .user }'
    """
    And given the workflow input is:
    """yaml
    user: Ann
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    greeting: Hello Ann
    """
    And hello should run first
    And hello should run 1 time

  Scenario: Missing Names Are Refused
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: use-missing, version: '1.0.0' }
    do:
      - slow:
          wait: PT1S
          timeout: patience
    """
    Then the definition should be refused with 'E107'

  Scenario: An Extension Runs Before And After
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: use-extension, version: '1.0.0' }
    use:
      extensions:
        - traced:
            extend: set
            before:
              - entering: { wait: { milliseconds: 1 } }
            after:
              - leaving: { wait: { milliseconds: 1 } }
    do:
      - work: { set: { done: true } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    done: true
    """
    And entering should run after work
    And leaving should run after entering
    And work should run 1 time

  Scenario: Extensions Know A Function's Task By The Name Of The Call
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: use-both, version: '1.0.0' }
    use:
      functions:
        greet: { set: { greeting: Hello } }
      extensions:
        - noted:
            extend: set
            when: $task.name == "beta"
            after:
              - note: { wait: { milliseconds: 1 }, export: { as: '{ noted: $task.name }' } }
    do:
      - alpha: { call: greet }
      - beta: { call: greet }
    output: { as: '${ . + $context }' }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    greeting: Hello
    noted: beta
    """
    And alpha should run 1 time
    And beta should run 1 time
    And note should run 1 time

  Scenario: An Extension May Answer Instead Of The Task
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: mocked, version: '1.0.0' }
    use:
      extensions:
        - mocked:
            extend: call
            when: $task.definition.call == "http"
            before:
              - answer:
                  set: { mocked: true }
                  then: exit
    do:
      - fetch:
          call: http
          with:
            method: get
            endpoint: https://unreachable.invalid/
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    mocked: true
    """

Feature: Listen Task
  As an implementer of the workflow DSL
  I want a workflow to wait for events
  So that it goes on when something happened elsewhere

  Scenario: One Event Of A Type
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: listen-one, version: '1.0.0' }
    do:
      - heard:
          listen:
            to:
              one:
                with: { type: com.example.paid }
    """
    When the workflow is started
    And the workflow waits in heard
    And the workflow receives the event:
    """yaml
    specversion: '1.0'
    id: '1'
    source: https://example.com/shop
    type: com.example.other
    data: { wrong: true }
    """
    And the workflow receives the event:
    """yaml
    specversion: '1.0'
    id: '2'
    source: https://example.com/shop
    type: com.example.paid
    data: { amount: '12.00' }
    """
    Then the workflow should complete with output:
    """yaml
    - amount: '12.00'
    """

  # Events are kept from the start of the run, and the same event twice is one
  Scenario: Events That Come Before The Listener Are Kept Once
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: listen-kept, version: '1.0.0' }
    do:
      - first:
          listen:
            to:
              one:
                with: { type: com.example.go }
      - both:
          listen:
            to:
              all:
                - with: { type: com.example.a }
                - with: { type: com.example.b }
            read: envelope
          output:
            as: '[ .[] | .id ]'
    """
    When the workflow is started
    And the workflow waits in first
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: a1, source: s, type: com.example.a, data: {} }
    """
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: a1, source: s, type: com.example.a, data: {} }
    """
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: g1, source: s, type: com.example.go, data: {} }
    """
    And the workflow waits in both
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: b1, source: s, type: com.example.b, data: {} }
    """
    Then the workflow should complete with output:
    """yaml
    [ a1, b1 ]
    """

  Scenario: A Filter Over The Data
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: listen-data, version: '1.0.0' }
    do:
      - heard:
          listen:
            to:
              any:
                - with:
                    type: com.example.temperature
                    data: '${ .degrees > 38 }'
                - with:
                    type: com.example.pressure
    """
    When the workflow is started
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: '1', source: s, type: com.example.temperature, data: { degrees: 37 } }
    """
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: '2', source: s, type: com.example.temperature, data: { degrees: 39 } }
    """
    Then the workflow should complete with output:
    """yaml
    - degrees: 39
    """

  Scenario: Events That Belong Together
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: listen-correlated, version: '1.0.0' }
    do:
      - readings:
          listen:
            to:
              all:
                - with: { type: com.example.warm }
                  correlate:
                    room: { from: .data.room }
                - with: { type: com.example.wet }
                  correlate:
                    room: { from: .data.room }
    """
    When the workflow is started
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: '1', source: s, type: com.example.warm, data: { room: 1 } }
    """
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: '2', source: s, type: com.example.wet, data: { room: 2 } }
    """
    And the workflow receives the event:
    """yaml
    { specversion: '1.0', id: '3', source: s, type: com.example.wet, data: { room: 1 } }
    """
    Then the workflow should complete with output:
    """yaml
    - room: 1
    - room: 1
    """

  Scenario: Nothing Comes In Time
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: listen-timeout, version: '1.0.0' }
    do:
      - heard:
          listen:
            to:
              one:
                with: { type: com.example.never }
          timeout: { after: PT0.05S }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 408
    instance: /do/0/heard
    """

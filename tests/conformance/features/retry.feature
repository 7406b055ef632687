Feature: Retries
  As an implementer of the workflow DSL
  I want caught errors to be tried again
  So that what fails once in a while does not end a workflow

  Scenario: A Task Is Tried Again Until Its Limit
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: retry-limit, version: '1.0.0' }
    do:
      - attempt:
          try:
            - refuse:
                raise:
                  error:
                    type: https://example.com/errors/busy
                    status: 503
                    title: Busy
          catch:
            errors:
              with:
                status: 503
            retry:
              delay: { milliseconds: 5 }
              backoff: { exponential: {} }
              limit:
                attempt: { count: 3 }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://example.com/errors/busy
    status: 503
    title: Busy
    instance: /do/0/attempt/try/0/refuse
    """
    And refuse should run 4 times
    And attempt should be retried

  Scenario: An Error The Filter Does Not Name Is Not Tried Again
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: retry-filter, version: '1.0.0' }
    use:
      retries:
        patient:
          delay: { milliseconds: 5 }
          backoff: { linear: {} }
          jitter:
            from: { milliseconds: 1 }
            to: { milliseconds: 3 }
          limit:
            attempt: { count: 5 }
      errors:
        missing:
          type: https://example.com/errors/missing
          status: 404
    do:
      - attempt:
          try:
            - refuse:
                raise:
                  error: missing
          catch:
            errors:
              with:
                status: 503
            retry: patient
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    status: 404
    """
    And refuse should run 1 time

  Scenario: When And ExceptWhen Decide On The Error
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: catch-conditions, version: '1.0.0' }
    do:
      - outer:
          try:
            - inner:
                try:
                  - refuse:
                      raise:
                        error: { type: 'https://example.com/errors/odd', status: 418 }
                catch:
                  as: tea
                  when: $tea.status == 418
                  exceptWhen: .strict
                  do:
                    - never: { set: { by: inner } }
          catch:
            do:
              - caught:
                  set:
                    by: outer
                    status: '${ $error.status }'
    """
    And given the workflow input is:
    """yaml
    strict: true
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    by: outer
    status: 418
    """
    And never should not run

  Scenario: After The Last Attempt The Handler Runs
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: retry-then-handle, version: '1.0.0' }
    do:
      - attempt:
          try:
            - refuse:
                raise:
                  error: { type: 'https://example.com/errors/busy', status: 503 }
          catch:
            retry:
              delay: PT0.005S
              limit:
                attempt: { count: 1 }
            do:
              - giveUp: { set: { gaveUp: true } }
            then: last
      - skipped: { set: { wrong: true } }
      - last: { set: { gaveUp: '${ .gaveUp }', last: true } }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    gaveUp: true
    last: true
    """
    And skipped should not run

Feature: Schedules
  As an implementer of the workflow DSL
  I want a definition to say when it runs
  So that nobody has to start it

  Scenario: At An Interval, Whether Or Not The Last Run Has Ended
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: every, version: '1.0.0' }
    schedule:
      every: { minutes: 15 }
    do:
      - work: { set: { done: true } }
    """
    Then the workflow should be scheduled with:
    """yaml
    every: [ 900 ]
    calendars: 0
    overlap: ALLOW_ALL
    """

  Scenario: At Times Of A Zone
    Given a workflow with definition:
    """yaml
    document:
      dsl: '1.0.3'
      namespace: features
      name: cron
      version: '1.0.0'
      metadata:
        temporal:
          schedule: { timeZone: Europe/Luxembourg, overlap: skip, catchup: PT1H }
    schedule:
      cron: 30 18 * * 1-5
    do:
      - work: { set: { done: true } }
    """
    Then the workflow should be scheduled with:
    """yaml
    calendars: 1
    timeZone: Europe/Luxembourg
    overlap: SKIP
    catchup: 3600
    """

  Scenario: What Cannot Be Scheduled Is Refused
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: after, version: '1.0.0' }
    schedule:
      after: { minutes: 15 }
    do:
      - work: { set: { done: true } }
    """
    Then the definition should be refused with 'E154'

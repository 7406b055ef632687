Feature: Secrets
  As an implementer of the workflow DSL
  I want secrets to reach services and nothing else
  So that no history or result ever holds one

  Scenario: A Secret Authenticates A Call
    Given the secret 'SHOP_USERNAME' is 'ann'
    And the secret 'SHOP_PASSWORD' is 'horse-17'
    And a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: secret-basic, version: '1.0.0' }
    use:
      secrets: [ shop ]
      authentications:
        shop:
          basic: { use: shop }
    do:
      - login:
          call: http
          with:
            method: get
            endpoint:
              uri: https://httpbin.org/basic-auth/ann/horse-17
              authentication: { use: shop }
          output: { as: .authenticated }
      - again:
          call: http
          with:
            method: get
            endpoint:
              uri: https://httpbin.org/basic-auth/ann/horse-17
              authentication:
                basic:
                  username: ${ $secrets.shop.username }
                  password: ${ $secrets.shop.password }
          output: { as: .authenticated }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    true
    """
    And the history should not contain 'YW5uOmhvcnNlLTE3'

  Scenario: A Secret That Does Not Exist
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: secret-missing, version: '1.0.0' }
    use:
      secrets: [ nobodySet ]
    do:
      - login:
          call: http
          with:
            method: get
            endpoint:
              uri: https://httpbin.org/basic-auth/ann/horse
              authentication:
                bearer: { token: '${ $secrets.nobodySet }' }
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://open-workflow-specification.org/spec/1.0.0/errors/authorization
    status: 403
    instance: /do/0/login
    """

  Scenario: A Secret Outside Of A Call Is Refused
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: secret-leaks, version: '1.0.0' }
    use:
      secrets: [ token ]
    do:
      - leak:
          set:
            token: ${ $secrets.token }
    """
    Then the definition should be refused with 'E205'

  Scenario: A Secret Nobody Declared Is Refused
    Given a workflow with definition:
    """yaml
    document: { dsl: '1.0.3', namespace: features, name: secret-unknown, version: '1.0.0' }
    do:
      - login:
          call: http
          with:
            method: get
            endpoint:
              uri: https://httpbin.org/get
              authentication:
                bearer: { token: '${ $secrets.token }' }
    """
    Then the definition should be refused with 'E204'

@psp:EMERCHANTPAY @flow:PAYIN
Feature: eMerchantPay
  Cards with 3-D Secure. The card's issuer decides: without friction the answer is final; a step-up sends the shopper to a page,
  and the webhook tells the end.

  @sandbox
  Scenario: A card without friction is approved at once
    Given the EMERCHANTPAY PAYIN request "frictionless"
    When the merchant sends it
    Then the answer is a success
    And the answer has:
      | message                 | Successfully                |
      | data.transaction_status | Approved                    |
      | data.transactionId      | <transaction id>            |
      | data.merchantReference  | <request.merchantReference> |
      | data.amount             | <request.baseamount>        |
    And the answer has no redirect URL
    And the answer matches the contract

  @sandbox
  Scenario: A card is declined at once
    Given the EMERCHANTPAY PAYIN request "declined"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "Declined"
    And the answer has no redirect URL

  @sandbox
  Scenario: A step-up sends the shopper to a page
    Given the EMERCHANTPAY PAYIN request "challenge"
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "Pending"
    And the answer sends the shopper to the provider's page
    And the answer matches the contract

  @sandbox
  Scenario Outline: The issuer decides by the test card: <card>, <means>
    Given a valid EMERCHANTPAY PAYIN request with:
      | card.pan | <card> |
    When the merchant sends it
    Then the answer is a success
    And the answer's "data.transaction_status" is "<status>"

    Examples:
      | card             | means                          | status   |
      | 4012000000060085 | frictionless                   | Approved |
      | 4066330000000004 | method, then frictionless      | Approved |
      | 5169750000001111 | low-risk exemption             | Approved |
      | 4378510000000004 | low-risk exemption             | Approved |
      | 4918190000000002 | challenge                      | Pending  |
      | 5433300000000133 | challenge                      | Pending  |
      | 4938730000000001 | method, then challenge         | Pending  |
      | 5200000000001005 | method, then challenge         | Pending  |
      | 4901170000000003 | fallback to a page             | Pending  |
      | 4901164281364345 | method, then fallback          | Pending  |
      | 4111110000000922 | not authenticated              | Declined |
      | 4111112232423922 | method, then not authenticated | Declined |
      | 5200000000001047 | not authenticated              | Declined |

  @sandbox
  Scenario: A pay-in needs the shopper's own token
    Given a valid EMERCHANTPAY PAYIN request
    And the session token "session-of-jane"
    When the merchant sends it
    Then the answer is the error 401 "Unauthorized"

  @sandbox @webhook @shopper
  Scenario: The step-up is passed, and the merchant is told
    Given the EMERCHANTPAY PAYIN request "challenge"
    And the merchant's reference is "order-{unique}"
    When the merchant sends it
    And the shopper pays on the provider's page
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Approved           |
      | status             | approved           |
      | psp_transaction_id | /^[0-9a-f]{32}$/   |
      | currency           | <request.currency> |
      | amount             | <request.baseamount> |
    And the webhook matches the contract
    And no further webhook arrives

  @control @webhook
  Scenario: The step-up is failed
    Given the EMERCHANTPAY PAYIN request "challenge"
    When the merchant sends it
    And the shopper fails the step-up
    Then the webhooks tell:
      | declined | Declined |
    And no further webhook arrives

  @control @webhook
  Scenario Outline: The issuer refuses: <scenario>
    Given an EMERCHANTPAY PAYIN payment by the scenario "<scenario>"
    Then a webhook arrives
    And the webhook's "transaction_status" is "Declined"

    Examples:
      | scenario                    |
      | emerchantpay-declined       |
      | emerchantpay-invalid-card   |
      | emerchantpay-card-expired   |
      | emerchantpay-limit-exceeded |
      | emerchantpay-risk           |
      | emerchantpay-issuer-51      |

  @sandbox
  Scenario: The browser's name may come from the call's own header
    Given a valid EMERCHANTPAY PAYIN request
    And the header "User-Agent" is "shop/1.0"
    When the merchant sends it
    Then the answer is a success

  @control @webhook
  Scenario: The issuer's reason is told
    Given the EMERCHANTPAY PAYIN request "challenge"
    When the merchant sends it
    And the provider declines for "51"
    Then a webhook arrives
    And the webhook has:
      | transaction_status | Declined |
      | message            | /51/     |

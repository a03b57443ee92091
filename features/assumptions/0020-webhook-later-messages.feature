@assumes:webhook-later-messages
Feature: What a webhook says of what follows an approval
  That a payment may be settled, refunded or charged back after its approval is known of some providers, the message of
  such a webhook of none. We say what has happened, and not that the payment was declined.

  @control @webhook
  Scenario Outline: A payment is <what>
    Given a <psp> PAYIN payment by the scenario "<scenario>"
    Then the webhooks tell:
      | <first> | Approved |
      | <raw>   | <status> |
    And the webhook has:
      | message | <message> |

    Examples:
      | what         | psp          | scenario                        | first      | raw          | status   | message                  |
      | settled      | TRUST        | trust-settled                   | authorised | settled      | Approved | Transaction settled      |
      | refunded     | EMERCHANTPAY | emerchantpay-refunded           | approved   | refunded     | Declined | Transaction refunded     |
      | charged back | PAYONE       | payone-approved-then-taken-back | success    | charged_back | Declined | Transaction charged back |

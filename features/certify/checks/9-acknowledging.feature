Feature: acknowledging

  @refusals @points:1
  Scenario: a webhook that is not accepted is not acknowledged
    Answer 2xx only to what you have accepted: a webhook that is truncated or has a wrong secret is then sent again, otherwise it is lost.

    Given a payment whose webhook takes an hour
    When the shop starts a <payment>
    And nothing is credited yet
    And the shopper pays
    When a webhook is truncated
    Then it is not acknowledged
    When a webhook arrives with a wrong secret
    Then it is not acknowledged

  @acknowledged @points:3
  Scenario: every valid webhook is acknowledged with a 2xx
    Anything but a 2xx is a failed delivery; it is sent again, and given up after the last attempt.

    Then every webhook of this flow was acknowledged with a 2xx

  @in-time @points:1
  Scenario: every webhook is acknowledged in time
    Store the webhook, answer, and send mails, receipts and other calls after the answer.

    Then every webhook of this flow was answered within <limit>

Feature: starting payments

  @happy-path @points:3 @opens
  Scenario: a payment that is approved is credited, in full and once
    Credit the order when a webhook has transaction_status Approved; set limits.settle if you book after the acknowledgement.

    Given a shopper who approves after two seconds
    When the shop starts a <payment>
    And 2 hours pass
    Then the order is credited <amount>, once

  @pending-first @points:1 @for:open
  Scenario: the order is pending before the shopper is redirected
    Set the order pending before you answer with the redirect: the shopper may never come back.

    Given a shopper who takes an hour
    When the shop starts a <payment>
    And the order is pending

  @redirect @points:1 @for:redirects
  Scenario: the shopper is redirected to the URL that the provider gave
    Each provider has its own redirect field; `mozartosim contract show PSP` names it.

    Given a shopper who approves
    When the shop starts a <payment>
    Then the hook's answer has the URL of <redirect>

  @tokens-kept @points:1 @for:tokens
  Scenario: paymentToken and access_token stay on the server
    Pass on the redirect URL and nothing else of the API's answer.

    Given a shopper who approves
    When the shop starts a <payment>
    Then the hook's answer has neither paymentToken nor access_token

  @final-answer @points:3 @opens @for:final
  Scenario: a voucher that the API's answer approves is credited, in full and once
    Flexepin sends no webhook: its answer is final.

    When the shop starts a <payment>
    Then the order is credited <amount>, once

  @voucher-refused @points:3 @for:final
  Scenario: a voucher that is refused credits nothing
    A 400 without errorCode is the provider's refusal; read its message.

    Given a voucher that is refused
    When the shop starts a <payment>
    Then nothing is credited

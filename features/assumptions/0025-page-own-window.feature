@assumes:page-own-window
Feature: A provider's page has a window of its own
  Whether a merchant may show the provider's page inside its own is not documented. We don't allow it: a shopper must
  see at whose door the card data are typed.

  @sandbox
  Scenario Outline: <psp>'s page can't be framed
    Given a <psp> PAYIN payment
    When the shopper opens the provider's page
    Then the page has the header "Content-Security-Policy" "/frame-ancestors 'none'/"
    And the page has the header "X-Frame-Options" "DENY"

    Examples:
      | psp         |
      | WORLDPAY_EU |
      | PAYONE      |

@assumes:BritePayInRequest/brite-market
Feature: Brite serves its markets only
  Brite's own material lists the countries of its pay-ins and their currencies; what a call for another one is answered is
  public nowhere. We take it for a business rejection: the unknown error, with Brite's raw answer.

  @sandbox
  Scenario Outline: A pay-in in <country> and <currency>
    Given a valid BRITE PAYIN request with:
      | country  | <country>  |
      | currency | <currency> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | country | currency |
      | FI      | EUR      |
      | NL      | EUR      |
      | SE      | SEK      |
      | EE      | EUR      |

  @sandbox
  Scenario Outline: None in <country> and <currency>
    Given a valid BRITE PAYIN request with:
      | country  | <country>  |
      | currency | <currency> |
    When the merchant sends it
    Then the answer is the error 500 "An unexpected error occurred. Contact support if it continues."
    And the answer has:
      | errorCode          | UNKNOWN_PSP_ERROR  |
      | data.error_name    | TransactionInvalid |
      | data.error_message | <says>             |
      | data.state         | APPLICATION_ERROR  |

    Examples:
      | country | currency | says                         |
      | GB      | EUR      | Country GB is not supported  |
      | DE      | EUR      | Country DE is not supported  |
      | SE      | GBP      | Currency GBP is not supported |

  @sandbox
  Scenario: In Germany with a brand
    Given a valid BRITE PAYIN request with:
      | country  | DE      |
      | currency | EUR     |
      | brandId  | brand-1 |
    When the merchant sends it
    Then the answer is a success

  @control
  Scenario: A configuration can have other countries
    Given the company's BRITE configuration has:
      | countries | json:["DK"] |
    And a valid BRITE PAYIN request with:
      | country  | DK  |
      | currency | DKK |
    When the merchant sends it
    Then the answer is a success
    And the request's "country" is "SE"
    And the merchant sends it
    Then the answer is the error 500 "An unexpected error occurred. Contact support if it continues."

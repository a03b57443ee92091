@assumes:incomplete-configuration
Feature: An incomplete configuration does not count
  What happens when a provider is configured, but not completely, is not documented. We answer as if it were not
  configured at all; only ForumPay's own user id is missed by the provider itself, which then refuses everything.

  @control
  Scenario Outline: <psp> without <field>
    Given a valid <psp> PAYIN request
    And the company's <psp> configuration has no "<field>"
    When the merchant sends it
    Then the answer is the error 400 "Something went wrong"
    And the answer's "data" is "PSP Configuration not found. Please check you psp Configuration"

    Examples:
      | psp     | field                 |
      | PAYONE  | siteUrl               |
      | GIGADAT | campaignId            |
      | CLEO    | cleoApiKey.peruApiKey |
      | NEOSURF | merchantId            |

  @control
  Scenario: ForumPay without its user id
    Given a valid FORUMPAY PAYIN request
    And the company's FORUMPAY configuration has no "forumpayUserId"
    When the merchant sends it
    Then the answer has the HTTP status 500
    And the answer has:
      | errorCode | UNKNOWN_PSP_ERROR    |
      | data      | Payer ID is required |

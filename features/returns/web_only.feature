@rule:return-web-only
Feature: Shoppers are sent to web addresses only
  The pages do not say what a provider does with an invalid return URL. So that the simulator can't be made to send
  a browser anywhere else, it takes http and https only, in calls and in configurations.

  @sandbox
  Scenario: A call's own URL
    Given a valid TRUST PAYIN request with:
      | hppSuccessUrl | javascript:alert(1) |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "hppSuccessUrl must be an http or https URL"
    And the request's "hppSuccessUrl" is "file:///etc/passwd"
    And the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "hppSuccessUrl must be an http or https URL"
    And the request's "hppSuccessUrl" is "https://shop.example/thanks"
    And the merchant sends it
    Then the answer is a success

  @control
  Scenario: The configuration's
    Given a valid PAYONE PAYIN request
    Then the back office refuses a PAYONE configuration with:
      | siteUrl | ftp://shop.example |

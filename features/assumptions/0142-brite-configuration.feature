@assumes:BriteConfiguration
Feature: What Brite's configuration is made of
  No field of Brite's configuration is public. We take an account's name and a key, as the other bank providers want
  them, and the settings that every provider has.

  @control
  Scenario: Configured like that, Brite can be paid
    Given the company's BRITE configuration has:
      | accountName | shop            |
      | apiKey      | key-of-the-shop |
    And a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success

  @control
  Scenario Outline: <field> is needed
    Given a valid BRITE PAYIN request
    And the company's BRITE configuration has no "<field>"
    When the merchant sends it
    Then the answer is the error 400 "Something went wrong"
    And the answer's "data" is "PSP Configuration not found. Please check you psp Configuration"
    And the back office refuses a BRITE configuration with:
      | <field> | (empty) |

    @assumes:BriteConfiguration.accountName
    Examples:
      | field       |
      | accountName |

    @assumes:BriteConfiguration.apiKey
    Examples:
      | field  |
      | apiKey |

  @control
  Scenario Outline: <field> may be set, in its form
    Given the company's BRITE configuration has:
      | <field> | <right> |
    And a valid BRITE PAYIN request
    When the merchant sends it
    Then the answer is a success
    And the back office refuses a BRITE configuration with:
      | <field> | <wrong> |

    @rule:BriteConfiguration.webhookSecret
    Examples:
      | field         | right                 | wrong   |
      | webhookSecret | a-secret-between-us-9 | (empty) |

    @rule:BriteConfiguration.retrySchedule
    Examples:
      | field       | right             | wrong         |
      | retrySchedule | json:["1m", "1h"] | json:["soon"] |

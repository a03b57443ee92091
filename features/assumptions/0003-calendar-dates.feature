@assumes:calendar-dates
Feature: Dates are days of the calendar
  How a date is written is documented, not that the day must exist. We refuse days that no calendar has.

  @sandbox
  Scenario Outline: <date> is a day
    Given a valid CLEO PAYIN request with:
      | dob              | <date> |
      | verificationDate | <date> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | date       |
      | 1984-02-29 |
      | 1999-12-31 |

  @sandbox
  Scenario Outline: <date> is none
    Given a valid CLEO PAYIN request with:
      | dob | <date> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "dob must be a date written YYYY-MM-DD"

    Examples:
      | date       |
      | 2566-02-31 |
      | 1985-02-29 |
      | 1985-04-31 |

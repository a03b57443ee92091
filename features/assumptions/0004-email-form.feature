@assumes:email-form
Feature: What an email looks like
  That a wrong email is refused, and in which words, is documented; what is right is not. We take what the RFCs 5321 and 6531
  take, but for quotes, at a domain with a dot.

  @sandbox
  Scenario Outline: <email> is one
    Given a valid PAYONE PAYIN request with:
      | email | <email> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | email                     |
      | ann.o'neill+shop@mail.com |
      | jürgen@müller.example     |

  @sandbox
  Scenario Outline: <email> is none
    Given a valid PAYONE PAYIN request with:
      | email | <email> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "email must be a valid email"

    Examples:
      | email             |
      | ann@localhost     |
      | ann..b@mail.com   |
      | .ann@mail.com     |
      | ann@-mail.com     |
      | ann@mail_box.com  |
      | ann(home)@mail.com |

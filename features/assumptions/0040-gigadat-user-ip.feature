@assumes:GigadatUserIp
Feature: What the shopper's IP address looks like
  That userIp is sent is documented, its form is not. We take IPv4 and IPv6 addresses, of up to 45 characters.

  @sandbox
  Scenario Outline: <ip> is an address
    Given a valid GIGADAT PAYIN request with:
      | userIp | <ip> |
    When the merchant sends it
    Then the answer is a success

    Examples:
      | ip           |
      | 203.0.113.24 |
      | 2001:db8::24 |

  @sandbox
  Scenario Outline: <ip> is no IP address
    Given a valid GIGADAT PAYIN request with:
      | userIp | <ip> |
    When the merchant sends it
    Then the answer is the error 400 "Validation failed"
    And the answer's only error is "userIp must be an IP address"

    Examples:
      | ip              |
      | shop.example    |
      | 203.0.113       |
      | 549.458.438.535 |
      | 2001:db8::1::24 |

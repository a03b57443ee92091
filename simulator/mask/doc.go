// Package mask hides what must not be written anywhere in clear: card numbers, security codes, voucher PINs, passwords
// and tokens. It knows them by the name of their field and by their look (13 to 19 digits that pass the Luhn check).
//
// Which numbers are test cards is not its business; it hides those too.
package mask

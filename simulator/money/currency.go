package money

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

// Currency is a line of ISO 4217.
type Currency struct {
	Code     string
	Decimals int // after the point
	Name     string
}

// Currencies is the table of active currencies by code.
type Currencies map[string]Currency

// ReadCurrencies reads the table from CSV with the header code,number,exponent,name.
func ReadCurrencies(in io.Reader) (Currencies, error) {
	table := csv.NewReader(in)
	table.FieldsPerRecord = 4
	rows, err := table.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read currencies: %w", err)
	}
	currencies := Currencies{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		decimals, err := strconv.Atoi(row[2])
		if err != nil || len(row[0]) != 3 {
			return nil, fmt.Errorf("read currencies: line %d: %q is no currency", i+1, row)
		}
		currencies[row[0]] = Currency{Code: row[0], Decimals: decimals, Name: row[3]}
	}
	return currencies, nil
}

// Package cells reads the cells of tables in features: the value that a cell sends, and the values that it accepts.
package cells

// Package bank has what passes between the bureaus and their banks: reading what a
// bank answers about the payments of a file (回盘), and what its result codes mean.
package bank

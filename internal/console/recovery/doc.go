// Package recovery has the pages of the recovery register (追缴台账): debts, instalments,
// collected money, write-offs (核销), notices, opening entries. What is overpaid is computed
// from the ledger, not entered here.
package recovery

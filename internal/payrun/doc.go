// Package payrun has what a run (运行) makes and people sign: batches (批次) of a
// bureau and month, their lines, holds, debts, findings and totals.
package payrun

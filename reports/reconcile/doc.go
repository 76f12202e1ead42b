// Package reconcile holds a bureau's month against itself by lines, bank files, answers
// and ledger, and writes 对账表.
package reconcile

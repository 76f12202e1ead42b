// Package recovery stores the recovery register (追缴台账): collections, write-offs (核销) by
// two people, instalments (分期) and opening entries (期初). Debts are computed by runs, in
// internal/store/runs; the rules of sharing a sum are in internal/ledger.
package recovery

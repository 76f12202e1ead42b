// Package payments stores bank results (回盘), sums them per file, and reads what
// reconciliation (对账) compares. Payments and payment files themselves are made at approval,
// in internal/store/signing.
package payments

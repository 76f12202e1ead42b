// Package register writes 发放清册, sheet by sheet, and 资金拨付申请, which
// has the same sums.
package register

// Package reports writes a bureau's files of a month (发放清册, 资金拨付申请,
// 变动名单, 追缴台账, letters, 服务名册, bank files) together, all or none.
// It computes nothing that decides money: it prints what the rows of a source give, and
// refuses to print when the sums do not agree with what was signed. Workbooks outside a
// month's files are in the packages below it.
package reports

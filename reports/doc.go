// Package reports writes every workbook that people or banks open: the register of
// a bureau's batch (发放清册), the bank files, the service lists (服务名册), the
// application for funds (资金拨付申请), the recovery register (追缴台账) and the
// manifest that names them all. It computes nothing that decides money: it prints
// what a Source gives it, and refuses to print when the sums do not agree with what
// was signed.
package reports

package bank

import (
	"disburse/internal/money"
)

// Outcome is what became of a payment (docs/rules.md §5.8).
type Outcome int8

// The outcomes. Unknown is not final: the payment is never made again until the bank
// has said Paid or Failed.
const (
	Paid    Outcome = 1 // 成功
	Failed  Outcome = 2 // 失败
	Unknown Outcome = 3 // 未知
)

var outcomeWords = [...]string{"", "成功", "失败", "未知"}

// String returns the outcome in the word that result files may use.
func (o Outcome) String() string { return outcomeWords[o] }

// Final reports whether the bank will not answer differently any more.
func (o Outcome) Final() bool { return o == Paid || o == Failed }

// ResultRow is one row of a bank's result file (回盘) that can be read; whether it
// belongs to a payment is not looked at here.
type ResultRow struct {
	Place
	Number  string    // 批次号: the number of the bank file, 140213-202611-MZ-1-003
	Seq     int       // 序号 within that file, from 1
	Account string    // 账号, without blanks
	Holder  string    // 户名; empty where the file has none
	Amount  money.Fen // 分, more than 0
	Code    string    // 结果码 as written: a code, or 成功, 失败, 未知
	Reason  string    // 原因; may be empty
}

// Place is where something stands in a result file.
type Place struct {
	Sheet string // empty in text files
	Row   int    // as Excel or an editor counts it, from 1; 0: the sheet or file as a whole
}

// ResultProblem is a row that changes nothing, and why.
type ResultProblem struct {
	Place
	Column string // heading; empty where it is the whole row
	Value  string // what stands there
	Reason string // Chinese: what is wrong and what to do
}

// Results is a result file as it was read.
type Results struct {
	Name     string // of the file, without its folder
	SHA256   string // of the file, hex
	Encoding string // UTF-8 or GBK; empty for a workbook
	Rows     []ResultRow
	Problems []ResultProblem // rows that cannot be read, in order
}

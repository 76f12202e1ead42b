// Package field has the fields (字段) of bank files, each said once: its name in a policy
// pack, the records that may show it, its value, and what must hold for a form to show it.
// internal/policy checks the forms of a pack with it, internal/bank/shape and reports write
// files with it. A new field is one more entry of All.
package field

import (
	"strconv"
	"strings"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// Records are kinds of records of a file.
type Records int

// The kinds: payments, and the header and trailer records with their totals.
const (
	Row Records = 1 << iota
	Totals
)

// Origin says where a value comes from, which decides who can find out before anybody
// signs that a form cannot hold it.
type Origin int

// The origins. What the run itself makes is never too long for Field.Narrowest.
const (
	FromRun    Origin = iota // numbers, dates, sums
	FromPerson               // the roster: checked for each payee (shape.Unwritable)
	FromItem                 // the pack: checked when the pack is
	FromBank                 // the same
	FromBureau               // the same
)

// Field is one field of bank files.
type Field struct {
	Name      string // as packs write it, and the heading unless they give another
	In        Records
	From      Origin
	Required  bool              // of payments: without it nobody can be paid
	Narrowest int               // bytes that all values need in fixed-width text; 0: it depends on the values
	BankKey   string            // what a bank of the pack must have where a form shows the field; empty: nothing
	Value     func(*Data) Value // Data.Payment is nil in Totals
}

// Kind says how a value is written in a workbook.
type Kind int

// The kinds of values.
const (
	Words  Kind = iota
	Digits      // a number that is text, such as an account
	Count
	Amount
)

// Value is a field's value in one record.
type Value struct {
	Kind   Kind
	Text   string    // as it is in a text file, before padding; of an Amount the form makes it
	Amount money.Fen // 分
	Number int       // of a Count
}

// Head is what all records of a file share.
type Head struct {
	Number string // the file's number, 140213-202611-MZ-1-003
	Region string // 区划
	Bureau string
	Month  month.Month // the batch's
	Date   month.Date  // of the last signature
}

// Day is the date as 20261125.
func (h *Head) Day() string { return strings.ReplaceAll(h.Date.String(), "-", "") }

// Payment is one payment of a file.
type Payment struct {
	Seq      int            // 序号 within the payment file, also where it is divided in two
	Account  roster.Account // Bank by its full name; Holder is never empty
	Code     string         // 联行号 of the bank
	Amount   money.Fen      // 分, over 0
	ID       string         // 证件号码; empty for an institution
	Item     string         // code
	ItemName string         // what the item pays (PaidAs)
}

// Data is what the values of a record are made from.
type Data struct {
	Head    *Head
	Payment *Payment
	Rows    int       // of the whole file
	Sum     money.Fen // the same, 分
	Memo    func(item, name string, m month.Month) string
}

// All are the fields, in the order in which messages list them. Accounts of up to 32 digits
// are rare, but 19 are usual; amounts go to 999,999,999.99.
var All = []Field{
	{Name: "序号", In: Row, Narrowest: 4, Value: func(d *Data) Value { return count(d.Payment.Seq) }},
	{Name: "户名", In: Row, From: FromPerson, Required: true, Value: func(d *Data) Value { return words(d.Payment.Account.Holder) }},
	{Name: "账号", In: Row, From: FromPerson, Required: true, Narrowest: 19, Value: func(d *Data) Value { return digits(d.Payment.Account.Number) }},
	{Name: "开户行", In: Row, From: FromBank, Value: func(d *Data) Value { return words(d.Payment.Account.Bank) }},
	{Name: "联行号", In: Row, From: FromBank, Narrowest: 12, BankKey: "code", Value: func(d *Data) Value { return digits(d.Payment.Code) }},
	{Name: "金额", In: Row, Required: true, Narrowest: 12, Value: func(d *Data) Value { return amount(d.Payment.Amount) }},
	{Name: "证件号码", In: Row, From: FromPerson, Narrowest: 18, Value: func(d *Data) Value { return digits(d.Payment.ID) }},
	{Name: "摘要", In: Row, From: FromItem, Value: func(d *Data) Value { return words(d.Memo(d.Payment.Item, d.Payment.ItemName, d.Head.Month)) }},
	{Name: "项目", In: Row, From: FromItem, Value: func(d *Data) Value { return words(d.Payment.ItemName) }},
	{Name: "笔数", In: Totals, Narrowest: 4, Value: func(d *Data) Value { return count(d.Rows) }},
	{Name: "总金额", In: Totals, Narrowest: 14, Value: func(d *Data) Value { return amount(d.Sum) }},
	{Name: "文件号", In: Row | Totals, Narrowest: 22, Value: func(d *Data) Value { return words(d.Head.Number) }},
	{Name: "日期", In: Row | Totals, Narrowest: 8, Value: func(d *Data) Value { return words(d.Head.Day()) }},
	{Name: "月份", In: Row | Totals, Narrowest: 6, Value: func(d *Data) Value { return words(d.Head.Month.Compact()) }},
	{Name: "单位", In: Row | Totals, From: FromBureau, Value: func(d *Data) Value { return words(d.Head.Bureau) }},
	{Name: "区划", In: Totals, Narrowest: 6, Value: func(d *Data) Value { return words(d.Head.Region) }},
}

func words(s string) Value     { return Value{Kind: Words, Text: s} }
func digits(s string) Value    { return Value{Kind: Digits, Text: s} }
func count(n int) Value        { return Value{Kind: Count, Text: strconv.Itoa(n), Number: n} }
func amount(a money.Fen) Value { return Value{Kind: Amount, Amount: a} }

// Of returns the field of a name; nil where the records do not have it.
func Of(name string, in Records) *Field {
	for i := range All {
		if f := &All[i]; f.Name == name && f.In&in != 0 {
			return f
		}
	}
	return nil
}

// Names are the fields that the records may show.
func Names(in Records) []string {
	var names []string
	for i := range All {
		if All[i].In&in != 0 {
			names = append(names, All[i].Name)
		}
	}
	return names
}

package roster

import (
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster/layout"
)

// OpeningRow is one row of 期初: what the old system left open for one person, item,
// payee and month before the opening month.
type OpeningRow struct {
	Place  Place
	ID     string // 身份证号, valid
	Item   string // code
	Payee  string // Myself, or a 收款单位
	Month  month.Month
	Amount money.Fen // 分: above 0 overpaid, to be taken off; below 0 still owed; 0 nothing (any more)
	Basis  string    // 依据
}

// Key is what a row states; each may stand in a workbook once.
func (r *OpeningRow) Key() string {
	return fmt.Sprint(r.ID, "\x00", r.Item, "\x00", r.Payee, "\x00", int(r.Month))
}

// OpeningImport is a workbook of opening entries after reading.
type OpeningImport struct {
	File     string // base name
	SHA256   string // hex
	Rows     []OpeningRow
	Problems []Problem // rows that are not in Rows
	Warnings []Problem
}

// OpeningColumn names a column of 期初 that a row can be refused for.
type OpeningColumn int

// The columns that are looked at beyond the file.
const (
	OpeningID    OpeningColumn = layout.ColOpenID
	OpeningItem  OpeningColumn = layout.ColOpenItem
	OpeningPayee OpeningColumn = layout.ColOpenPayee
	OpeningMonth OpeningColumn = layout.ColOpenMonth
)

// Problem says why a row that was read cannot come in.
func (r *OpeningRow) Problem(col OpeningColumn, reason string) Problem {
	value := map[OpeningColumn]string{OpeningID: r.ID, OpeningItem: r.Item, OpeningPayee: r.Payee, OpeningMonth: r.Month.String()}[col]
	return Problem{Place: r.Place, Column: layout.Opening.Columns[col].Heading, Value: value, Reason: reason}
}

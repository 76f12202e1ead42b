package roster

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster/xlsx"
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

// key is what a row states; each may stand in a workbook once.
func (r *OpeningRow) key() string {
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

// The columns of 期初.
const (
	colOpenID = iota
	colOpenItem
	colOpenPayee
	colOpenMonth
	colOpenAmount
	colOpenBasis
)

// openingLayout is 期初: a row for each person, item, payee and month.
var openingLayout = layout{
	sheet: "期初", weight: 400, needed: []int{colOpenID, colOpenItem, colOpenMonth, colOpenAmount},
	columns: []column{
		colOpenID:     {"身份证号", true, true, 21, "必填。须已在花名册里"},
		colOpenItem:   {"项目", true, true, 8, "必填。发钱项目的编号，如 11、16"},
		colOpenPayee:  {"收款人", false, false, 22, "空白表示本人；单位须在花名册的“收款单位”里"},
		colOpenMonth:  {"所属月份", true, true, 12, "必填。期初月以前的" + monthHelp},
		colOpenAmount: {"金额", true, false, 12, "必填。元，最多两位小数；正数是老系统多付（以后扣回），负数是老系统欠付（以后补发），0 表示没有"},
		colOpenBasis:  {"依据", true, false, 32, "必填。老系统的台账、交接单或文件的名称和编号"},
	},
}

// ReadOpening reads a workbook of opening entries (期初). items are those that pay.
// progress, which may be nil, gets the number of rows read so far. Rows that can be told
// to be wrong from the file alone are in Problems. Errors: faults that say why the file
// as a whole cannot be read.
func ReadOpening(ctx context.Context, path string, items []ItemName, progress func(rows int)) (*OpeningImport, error) {
	book, err := xlsx.Open(path, xlsx.UploadLimits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	o := &openingReader{reader: newReader(ctx, book, &Vocabulary{}, progress), items: map[string]bool{}, seen: map[string]int{}}
	o.imp.File = filepath.Base(path)
	o.opening.File = o.imp.File
	for _, it := range items {
		o.items[it.Code] = true
	}
	if o.opening.SHA256, err = book.SHA256(); err != nil {
		return nil, err
	}
	if err := o.sheets(); err != nil {
		return nil, err
	}
	o.refuseTwice()
	slices.SortStableFunc(o.imp.Problems, func(a, b Problem) int { return cmp.Compare(a.Place.Row, b.Place.Row) })
	o.opening.Problems, o.opening.Warnings = o.imp.Problems, o.imp.Warnings
	return &o.opening, nil
}

// openingReader reads 期初 with the roster's own reader of cells.
type openingReader struct {
	*reader
	opening OpeningImport
	items   map[string]bool
	seen    map[string]int // number of rows by key
}

func (o *openingReader) sheets() error {
	o.warnUnread()
	found := false
	for _, sheet := range o.book.Sheets {
		if squeeze(sheet.Name) != openingLayout.sheet {
			if sheet.Name != helpSheet && sheet.Name != choicesSheet {
				o.imp.Warnings = append(o.imp.Warnings, Problem{Place: Place{Sheet: sheet.Name}, Reason: "不认识的工作表，没有读入；要导入的工作表应名为 期初"})
			}
			continue
		}
		rec := &record{reader: o.reader, sheet: len(o.reader.sheets)}
		o.reader.sheets = append(o.reader.sheets, sheet.Name)
		headings := func(h *headings) error {
			o.imp.Warnings = append(o.imp.Warnings, h.unknown()...)
			rec.headings = h
			return nil
		}
		h, err := o.scanSheet(&openingLayout, sheet, headings, func(row xlsx.Row) error {
			if rec.take(row) && !rec.example() {
				o.row(rec)
			}
			return nil
		})
		if err != nil {
			return err
		}
		found = found || h != nil
	}
	if !found {
		return fault.New(fault.Invalid, "工作簿“%s”里没有“期初”工作表，或表里没有内容，可用 disburse opening template 生成模板对照", o.opening.File)
	}
	return nil
}

// row takes in one row.
func (o *openingReader) row(rec *record) {
	r := OpeningRow{Place: rec.place(), ID: strings.Clone(rec.id(colOpenID)), Payee: Myself}
	r.Item = o.texts.one(rec.word(colOpenItem))
	rec.require(colOpenItem, r.Item)
	if r.Item != "" && !o.items[r.Item] {
		rec.refuse(colOpenItem, "不是清单里发钱的项目，请填项目编号，如 11、16")
	}
	if payee := rec.line(colOpenPayee); payee != "" {
		r.Payee = o.texts.one(payee)
	}
	r.Month = rec.month(colOpenMonth)
	if !rec.filled[colOpenMonth] {
		rec.refuse(colOpenMonth, reasonEmpty)
	}
	r.Amount = rec.balance(colOpenAmount)
	r.Basis = o.texts.one(rec.basis(colOpenBasis))
	rec.require(colOpenBasis, r.Basis)
	if rec.bad {
		return
	}
	o.seen[r.key()]++
	o.opening.Rows = append(o.opening.Rows, r)
}

// balance returns an amount in 分 that may be negative, which must be there.
func (rec *record) balance(col int) money.Fen {
	text := squeeze(rec.text(col))
	if text == "" {
		rec.require(col, "")
		return 0
	}
	fen, err := money.Parse(text)
	if err != nil {
		rec.refuse(col, err.Error())
	}
	return fen
}

// refuseTwice refuses all rows that state the same key: which of them holds cannot be known.
func (o *openingReader) refuseTwice() {
	kept := o.opening.Rows[:0]
	for _, r := range o.opening.Rows {
		if o.seen[r.key()] == 1 {
			kept = append(kept, r)
			continue
		}
		o.imp.Problems = append(o.imp.Problems, r.Problem(OpeningID,
			fmt.Sprintf("同一人同一项目同一收款人同一月份写了 %d 行，请合为一行", o.seen[r.key()])))
	}
	o.opening.Rows = kept
}

// OpeningColumn names a column of 期初 that a row can be refused for.
type OpeningColumn int

// The columns that are looked at beyond the file.
const (
	OpeningID    OpeningColumn = colOpenID
	OpeningItem  OpeningColumn = colOpenItem
	OpeningPayee OpeningColumn = colOpenPayee
	OpeningMonth OpeningColumn = colOpenMonth
)

// Problem says why a row that was read cannot come in.
func (r *OpeningRow) Problem(col OpeningColumn, reason string) Problem {
	value := map[OpeningColumn]string{OpeningID: r.ID, OpeningItem: r.Item, OpeningPayee: r.Payee, OpeningMonth: r.Month.String()}[col]
	return Problem{Place: r.Place, Column: openingLayout.columns[col].heading, Value: value, Reason: reason}
}

package read

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/roster"
	"disburse/internal/roster/clean"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// Opening reads a workbook of opening entries (期初). items are those that pay.
// progress, which may be nil, gets the number of rows read so far. Rows that can be told
// to be wrong from the file alone are in Problems. Errors: faults that say why the file
// as a whole cannot be read.
func Opening(ctx context.Context, path string, items []roster.ItemName, progress func(rows int)) (*roster.OpeningImport, error) {
	book, err := xlsx.Open(path, xlsx.UploadLimits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	o := &openingReader{reader: newReader(ctx, book, &roster.Vocabulary{}, progress), items: map[string]bool{}, seen: map[string]int{}}
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
	slices.SortStableFunc(o.imp.Problems, func(a, b roster.Problem) int { return cmp.Compare(a.Place.Row, b.Place.Row) })
	o.opening.Problems, o.opening.Warnings = o.imp.Problems, o.imp.Warnings
	return &o.opening, nil
}

// openingReader reads 期初 with the roster's own reader of cells.
type openingReader struct {
	*reader
	opening roster.OpeningImport
	items   map[string]bool
	seen    map[string]int // number of rows by key
}

func (o *openingReader) sheets() error {
	o.warnUnread()
	found := false
	for _, sheet := range o.book.Sheets {
		if clean.Squeeze(sheet.Name) != layout.Opening.Name {
			if sheet.Name != layout.HelpSheet && sheet.Name != layout.ChoicesSheet {
				o.imp.Warnings = append(o.imp.Warnings, roster.Problem{Place: roster.Place{Sheet: sheet.Name}, Reason: "不认识的工作表，没有读入；要导入的工作表应名为 期初"})
			}
			continue
		}
		rec := &record{reader: o.reader, sheet: len(o.reader.sheets)}
		o.reader.sheets = append(o.reader.sheets, sheet.Name)
		headings := func(h *Headings) error {
			o.imp.Warnings = append(o.imp.Warnings, h.unknown()...)
			rec.headings = h
			return nil
		}
		h, err := o.scanSheet(&layout.Opening, sheet, headings, func(row xlsx.Row) error {
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
	r := roster.OpeningRow{Place: rec.place(), ID: strings.Clone(rec.id(layout.ColOpenID)), Payee: roster.Myself}
	r.Item = o.texts.one(rec.word(layout.ColOpenItem))
	rec.require(layout.ColOpenItem, r.Item)
	if r.Item != "" && !o.items[r.Item] {
		rec.refuse(layout.ColOpenItem, "不是清单里发钱的项目，请填项目编号，如 11、16")
	}
	if payee := rec.line(layout.ColOpenPayee); payee != "" {
		r.Payee = o.texts.one(payee)
	}
	r.Month = rec.month(layout.ColOpenMonth)
	if !rec.filled[layout.ColOpenMonth] {
		rec.refuse(layout.ColOpenMonth, reasonEmpty)
	}
	r.Amount = rec.balance(layout.ColOpenAmount)
	r.Basis = o.texts.one(rec.basis(layout.ColOpenBasis))
	rec.require(layout.ColOpenBasis, r.Basis)
	if rec.bad {
		return
	}
	o.seen[r.Key()]++
	o.opening.Rows = append(o.opening.Rows, r)
}

// balance returns an amount in 分 that may be negative, which must be there.
func (rec *record) balance(col int) money.Fen {
	text := clean.Squeeze(rec.text(col))
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
		if o.seen[r.Key()] == 1 {
			kept = append(kept, r)
			continue
		}
		o.imp.Problems = append(o.imp.Problems, r.Problem(roster.OpeningID,
			fmt.Sprintf("同一人同一项目同一收款人同一月份写了 %d 行，请合为一行", o.seen[r.Key()])))
	}
	o.opening.Rows = kept
}

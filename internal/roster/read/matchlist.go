package read

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// MatchList reads a list as .xlsx workbook or as .csv text, UTF-8 or GBK (GB18030).
// Every sheet that has the headings is read. A row needs an ID number, or name and birth
// date. today is the day of reading: a list tells what has been. progress, which may be nil, gets the number of rows read so far. Errors: faults
// that say why the file as a whole cannot be read.
func MatchList(ctx context.Context, path string, today month.Date, progress func(rows int)) (*roster.MatchList, error) {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return readCSVList(ctx, path, today, progress)
	}
	book, err := xlsx.Open(path, xlsx.UploadLimits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	l := newListReader(ctx, book, path, today, progress)
	if l.list.SHA256, err = book.SHA256(); err != nil {
		return nil, err
	}
	if err := l.sheets(); err != nil {
		return nil, err
	}
	return l.done()
}

// listReader reads a match list with the roster's own reader of cells.
type listReader struct {
	*reader
	list roster.MatchList
}

func newListReader(ctx context.Context, book *xlsx.Book, path string, today month.Date, progress func(int)) *listReader {
	l := &listReader{reader: newReader(ctx, book, &roster.Vocabulary{}, progress)}
	l.today = today
	l.list.File = filepath.Base(path)
	l.imp.File = l.list.File
	return l
}

// sheets reads every sheet with headings; the first complaint stands where none has them.
func (l *listReader) sheets() error {
	l.warnUnread()
	var complaint error
	read := 0
	for _, sheet := range l.book.Sheets {
		rec := l.record(sheet.Name)
		found := func(h *Headings) error {
			rec.headings = h
			l.imp.Warnings = append(l.imp.Warnings, h.unknown()...)
			return nil
		}
		h, err := l.scanSheet(&layout.MatchList, sheet, found, func(row xlsx.Row) error { l.row(rec, row); return nil })
		switch {
		case err != nil && rec.headings == nil && fault.Is(err, fault.Invalid):
			l.imp.Warnings = append(l.imp.Warnings, roster.Problem{Place: roster.Place{Sheet: sheet.Name}, Reason: "没有“姓名”“身份证号”的标题行，没有读入"})
			if complaint == nil {
				complaint = err
			}
		case err != nil:
			return err
		case h != nil:
			read++
		}
	}
	if read > 0 {
		return nil
	}
	if complaint != nil {
		return complaint
	}
	return fault.New(fault.Invalid, "名单“%s”里没有内容，请核对文件", l.list.File)
}

func (l *listReader) record(sheet string) *record {
	rec := &record{reader: l.reader, sheet: len(l.reader.sheets)}
	l.reader.sheets = append(l.reader.sheets, sheet)
	return rec
}

func (l *listReader) done() (*roster.MatchList, error) {
	if len(l.list.Rows) == 0 && len(l.imp.Problems) == 0 {
		return nil, fault.New(fault.Invalid, "名单“%s”里没有一行人员；若确实没有人，请至少保留一行说明不存在的人", l.list.File)
	}
	l.list.Problems, l.list.Warnings = l.imp.Problems, l.imp.Warnings
	return &l.list, nil
}

// row takes in one row.
func (l *listReader) row(rec *record, row xlsx.Row) {
	if !rec.take(row) {
		return
	}
	r := roster.ListRow{Place: rec.place()}
	r.Name = strings.Clone(rec.name(layout.ColListName))
	r.Birth, r.Date = rec.date(layout.ColListBirth), rec.date(layout.ColListDate)
	r.Street, r.Note = l.texts.one(rec.word(layout.ColListStreet)), l.texts.one(rec.note(layout.ColListNote))
	l.identity(rec, &r)
	l.possible(rec, &r)
	if !rec.bad {
		l.list.Rows = append(l.list.Rows, r)
	}
}

// possible refuses days that cannot be: those of a list have been.
func (l *listReader) possible(rec *record, r *roster.ListRow) {
	switch {
	case r.Birth > l.today && rec.filled[layout.ColListBirth]:
		rec.refuse(layout.ColListBirth, l.future())
	case r.Birth > l.today:
		rec.refuse(layout.ColListID, fmt.Sprintf("出生日期 %s %s", r.Birth, l.future()))
	}
	switch {
	case r.Date > l.today:
		rec.refuse(layout.ColListDate, l.future())
	case r.Date != 0 && r.Date < r.Birth:
		rec.refuse(layout.ColListDate, fmt.Sprintf("早于出生日期 %s，请核对", r.Birth))
	}
}

// identity settles by what the row can be matched: the number, or name and birth date.
func (l *listReader) identity(rec *record, r *roster.ListRow) {
	id := strings.Clone(roster.CleanID(rec.text(layout.ColListID)))
	if rec.bad {
		return
	}
	byName := r.Name != "" && r.Birth != 0
	switch {
	case roster.ValidID(id):
		r.ID = id
		if born := roster.BirthOf(id); born != 0 {
			if r.Birth != 0 && r.Birth != born {
				l.warn(rec, layout.ColListBirth, "与身份证号里的出生日期不同，以身份证号为准")
			}
			r.Birth = born
		}
	case id == "" && !byName:
		rec.refuse(layout.ColListID, "是空的，又没有姓名和出生日期可以比对，请补上")
	case id == "":
	case byName:
		l.warn(rec, layout.ColListID, roster.CheckID(id).Error()+"；这一行改按姓名和出生日期比对")
	default:
		rec.refuse(layout.ColListID, roster.CheckID(id).Error())
	}
}

func (l *listReader) warn(rec *record, col int, reason string) {
	l.imp.Warnings = append(l.imp.Warnings, roster.Problem{Place: rec.place(), Column: layout.MatchList.Columns[col].Heading, Value: rec.shown(col), Reason: reason})
}

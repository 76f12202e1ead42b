package roster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster/textfile"
	"disburse/internal/roster/xlsx"
)

// Listed is what a match list (比对名单) says of somebody.
type Listed struct {
	ID     string // 身份证号, valid; empty: none that can be used
	Name   string
	Birth  month.Date // from the ID number, else from the list; 0: not known
	Date   month.Date // 日期, of what the list is about: of death, of admission; 0: none
	Street string
	Note   string
}

// ListRow is a row of a match list.
type ListRow struct {
	Place Place
	Listed
}

// MatchList is a list of another office after reading.
type MatchList struct {
	File     string // base name
	SHA256   string // hex
	Rows     []ListRow
	Problems []Problem // rows that are not in Rows
	Warnings []Problem
}

// The columns of a match list.
const (
	colListName = iota
	colListID
	colListBirth
	colListDate
	colListStreet
	colListNote
)

// matchLayout is a match list: a row a person.
var matchLayout = layout{
	sheet: "名单", weight: 300, needed: []int{colListName, colListID},
	columns: []column{
		colListName:   {"姓名", true, false, 10, "必填"},
		colListID:     {"身份证号", true, true, 21, "没有的，须有姓名和出生日期"},
		colListBirth:  {"出生日期", false, true, 12, dateHelp},
		colListDate:   {"日期", false, true, 12, "死亡、入狱等的" + dateHelp},
		colListStreet: {"街道", false, false, 10, "街道名称"},
		colListNote:   {"备注", false, false, 28, "名单上的说明"},
	},
	aliases: map[string]int{
		"公民身份号码": colListID, "公民身份证号": colListID, "身份证号码": colListID, "身份证件号码": colListID, "证件号码": colListID,
		"死亡日期": colListDate, "死亡时间": colListDate, "火化日期": colListDate, "入监日期": colListDate, "发生日期": colListDate,
		"乡镇街道": colListStreet, "所属街道": colListStreet, "说明": colListNote,
	},
}

// maxCSV bounds a list as text; a line is some 80 bytes.
const maxCSV = 256 << 20

// ReadMatchList reads a list as .xlsx workbook or as .csv text, UTF-8 or GBK (GB18030).
// Every sheet that has the headings is read. A row needs an ID number, or name and birth
// date. today is the day of reading: a list tells what has been. progress, which may be nil, gets the number of rows read so far. Errors: faults
// that say why the file as a whole cannot be read.
func ReadMatchList(ctx context.Context, path string, today month.Date, progress func(rows int)) (*MatchList, error) {
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
	list MatchList
}

func newListReader(ctx context.Context, book *xlsx.Book, path string, today month.Date, progress func(int)) *listReader {
	l := &listReader{reader: newReader(ctx, book, &Vocabulary{}, progress)}
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
		found := func(h *headings) error {
			rec.headings = h
			l.imp.Warnings = append(l.imp.Warnings, h.unknown()...)
			return nil
		}
		h, err := l.scanSheet(&matchLayout, sheet, found, func(row xlsx.Row) error { l.row(rec, row); return nil })
		switch {
		case err != nil && rec.headings == nil && fault.Is(err, fault.Invalid):
			l.imp.Warnings = append(l.imp.Warnings, Problem{Place: Place{Sheet: sheet.Name}, Reason: "没有“姓名”“身份证号”的标题行，没有读入"})
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

func (l *listReader) done() (*MatchList, error) {
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
	r := ListRow{Place: rec.place()}
	r.Name = strings.Clone(rec.name(colListName))
	r.Birth, r.Date = rec.date(colListBirth), rec.date(colListDate)
	r.Street, r.Note = l.texts.one(rec.word(colListStreet)), l.texts.one(rec.note(colListNote))
	l.identity(rec, &r)
	l.possible(rec, &r)
	if !rec.bad {
		l.list.Rows = append(l.list.Rows, r)
	}
}

// possible refuses days that cannot be: those of a list have been.
func (l *listReader) possible(rec *record, r *ListRow) {
	switch {
	case r.Birth > l.today && rec.filled[colListBirth]:
		rec.refuse(colListBirth, l.future())
	case r.Birth > l.today:
		rec.refuse(colListID, fmt.Sprintf("出生日期 %s %s", r.Birth, l.future()))
	}
	switch {
	case r.Date > l.today:
		rec.refuse(colListDate, l.future())
	case r.Date != 0 && r.Date < r.Birth:
		rec.refuse(colListDate, fmt.Sprintf("早于出生日期 %s，请核对", r.Birth))
	}
}

// identity settles by what the row can be matched: the number, or name and birth date.
func (l *listReader) identity(rec *record, r *ListRow) {
	id := strings.Clone(CleanID(rec.text(colListID)))
	if rec.bad {
		return
	}
	byName := r.Name != "" && r.Birth != 0
	switch {
	case ValidID(id):
		r.ID = id
		if born := BirthOf(id); born != 0 {
			if r.Birth != 0 && r.Birth != born {
				l.warn(rec, colListBirth, "与身份证号里的出生日期不同，以身份证号为准")
			}
			r.Birth = born
		}
	case id == "" && !byName:
		rec.refuse(colListID, "是空的，又没有姓名和出生日期可以比对，请补上")
	case id == "":
	case byName:
		l.warn(rec, colListID, CheckID(id).Error()+"；这一行改按姓名和出生日期比对")
	default:
		rec.refuse(colListID, CheckID(id).Error())
	}
}

func (l *listReader) warn(rec *record, col int, reason string) {
	l.imp.Warnings = append(l.imp.Warnings, Problem{Place: rec.place(), Column: matchLayout.columns[col].heading, Value: rec.shown(col), Reason: reason})
}

// readCSVList reads a list as text, row by row. Its cells go the way of a workbook's text
// cells.
func readCSVList(ctx context.Context, path string, today month.Date, progress func(int)) (*MatchList, error) {
	l := newListReader(ctx, nil, path, today, progress)
	f, err := textfile.Open(path, maxCSV)
	if err != nil {
		return nil, l.csvFault(err)
	}
	defer f.Close()
	rec := l.record(l.list.File)
	table := newTable(&matchLayout, l.list.File, func(h *headings) error {
		rec.headings = h
		l.imp.Warnings = append(l.imp.Warnings, h.unknown()...)
		return nil
	}, func(row xlsx.Row) error { l.row(rec, row); return l.bounded() })
	if err := l.csvRows(f, table.row); err != nil {
		return nil, l.csvFault(err)
	}
	if h, err := table.end(); err != nil {
		return nil, err
	} else if h == nil {
		return nil, fault.New(fault.Invalid, "名单“%s”里没有内容，请核对文件", l.list.File)
	}
	l.list.SHA256 = f.SHA256()
	return l.done()
}

// csvFault says why a list as text is not read; err may be such a fault already.
func (l *listReader) csvFault(err error) error {
	var f *fault.Fault
	switch {
	case errors.As(err, &f), l.ctx.Err() != nil:
		return err
	case errors.Is(err, os.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, "找不到文件“%s”，请核对路径和文件名", l.list.File)
	case errors.Is(err, textfile.ErrEmpty):
		return fault.Wrap(err, fault.Invalid, "名单“%s”是空的，没有标题行，请核对文件", l.list.File)
	case errors.Is(err, textfile.ErrTooBig):
		return fault.Wrap(err, fault.Invalid, "文件“%s”太大（超过 %d MB），请核对", l.list.File, maxCSV>>20)
	case errors.Is(err, textfile.ErrNotText):
		return fault.Wrap(err, fault.Invalid, "名单“%s”的文字编码不认识，请另存为 UTF-8 或 GBK 的 CSV", l.list.File)
	}
	return fault.Wrap(err, fault.Invalid, "名单“%s”不是完整的 CSV（%s），请用 Excel 或 WPS 打开后另存", l.list.File, csvPlace(err))
}

// csvRows hands comma- or tab-separated text to handle as rows of text cells, numbered by
// line.
func (l *listReader) csvRows(text io.Reader, handle func(xlsx.Row) error) error {
	buffered := bufio.NewReaderSize(text, maxRecord)
	head, err := buffered.Peek(maxRecord)
	if err != nil && err != io.EOF {
		return err
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	limited := &recordLimit{from: buffered}
	in := csv.NewReader(limited)
	in.FieldsPerRecord, in.ReuseRecord = -1, true
	if bytes.Contains(first, []byte("\t")) && !bytes.Contains(first, []byte(",")) {
		in.Comma = '\t'
	}
	for {
		limited.left = maxRecord
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			l.progress(l.rows)
			return nil
		}
		if err != nil {
			return err
		}
		row := csvRow(fields)
		row.Number, _ = in.FieldPos(0)
		if err := handle(row); err != nil {
			return err
		}
		if l.rows++; l.rows%batchRows == 0 {
			if l.ctx.Err() != nil {
				return fmt.Errorf("read list: %w", l.ctx.Err())
			}
			l.progress(l.rows)
		}
	}
}

// csvRow makes cells of a record's first columns.
func csvRow(fields []string) (row xlsx.Row) {
	row.Beyond = len(fields) > sheetColumns
	for col, s := range fields[:min(len(fields), sheetColumns)] {
		if s != "" {
			row.Cells = append(row.Cells, xlsx.Cell{Col: col, Text: s})
		}
	}
	return row
}

// maxRecord is how far a csv reader reads for one record, in bytes. A quote that is not
// closed would otherwise make one of the whole file.
const maxRecord = 256 << 10

var errRecord = errors.New("csv record too long")

// recordLimit ends a text where one record takes more than is left.
type recordLimit struct {
	from io.Reader
	left int
}

func (r *recordLimit) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errRecord
	}
	n, err := r.from.Read(p)
	r.left -= n
	return n, err
}

func csvPlace(err error) string {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return fmt.Sprintf("第 %d 行", at.Line)
	}
	return "读取中断"
}

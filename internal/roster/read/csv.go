package read

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/textfile"
	"disburse/internal/roster/xlsx"
)

// maxCSV bounds a list as text; a line is some 80 bytes.
const maxCSV = 256 << 20

// readCSVList reads a list as text, row by row. Its cells go the way of a workbook's text
// cells.
func readCSVList(ctx context.Context, path string, today month.Date, progress func(int)) (*roster.MatchList, error) {
	l := newListReader(ctx, nil, path, today, progress)
	f, err := textfile.Open(path, maxCSV)
	if err != nil {
		return nil, l.csvFault(err)
	}
	defer f.Close()
	rec := l.record(l.list.File)
	table := newTable(&layout.MatchList, l.list.File, func(h *Headings) error {
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

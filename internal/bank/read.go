package bank

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/roster/xlsx"
)

// maxText is the largest csv or txt file, in bytes. A bank file has at most 5000 rows,
// and its answer no more.
const maxText = 64 << 20

// workbookLimits are far above any answer, and far below what hurts.
var workbookLimits = xlsx.Limits{File: 64 << 20, Part: 512 << 20, Total: 1 << 30, Strings: 32 << 20, Ratio: 200}

// ReadResults reads a bank's result file: an .xlsx workbook, or csv or txt in UTF-8 or
// GBK; which of them it is, the content says, not the name. Rows that cannot be read
// are Problems of the result. The file is read as a stream, and no further than it can be
// an answer to what was sent. Errors: fault.NotFound and fault.Invalid for a file of
// which nothing can be read, and those of sent.
func ReadResults(path string, sent Sent) (*Results, error) {
	name := filepath.Base(path)
	head, err := firstBytes(path)
	if err != nil {
		return nil, openFault(err, name)
	}
	r := newReader(name, sent)
	// An old .xls or an encrypted workbook too: xlsx has the sentences for them.
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")) {
		return r.workbook(path)
	}
	return r.text(path)
}

func firstBytes(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

func openFault(err error, name string) error {
	if os.IsNotExist(err) {
		return fault.Wrap(err, fault.NotFound, "找不到文件“%s”，请核对路径和文件名", name)
	}
	return fault.Wrap(err, fault.Invalid, "文件“%s”打不开，请检查权限，或先在其他程序里关闭它", name)
}

// workbook reads every sheet of a workbook that has the headings.
func (r *reader) workbook(path string) (*Results, error) {
	book, err := xlsx.Open(path, workbookLimits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	if r.results.SHA256, err = book.SHA256(); err != nil {
		return nil, err
	}
	for _, u := range book.Unread() {
		r.results.Problems = append(r.results.Problems, ResultProblem{Place: Place{Sheet: u.Sheet}, Reason: u.Reason})
	}
	for _, sheet := range book.Sheets {
		r.columns = nil
		if err := r.sheet(book, sheet); err != nil {
			return nil, err
		}
	}
	return r.done(len(book.Sheets))
}

func (r *reader) sheet(book *xlsx.Book, sheet xlsx.Sheet) error {
	rows, err := book.Rows(sheet, maxColumns)
	if err != nil {
		return err
	}
	defer rows.Close()
	var fields []field
	for rows.Next() {
		row := rows.Row()
		fields = fields[:0]
		for _, c := range row.Cells {
			for len(fields) <= c.Col {
				fields = append(fields, field{})
			}
			fields[c.Col] = cellField(book, c)
		}
		if err := r.row(Place{Sheet: sheet.Name, Row: row.Number}, fields); err != nil {
			return err
		}
	}
	return rows.Err()
}

// maxColumns is how far to the right a heading may stand.
const maxColumns = 256

// field is one value of a row.
type field struct {
	text string
	lost bool // a number whose last digits the workbook no longer has
}

func cellField(book *xlsx.Book, c xlsx.Cell) field {
	if c.Kind == xlsx.Number && !c.Date {
		if plain, exact, ok := xlsx.Plain(c.Text); ok && exact {
			return field{text: plain}
		}
		return field{text: xlsx.Scientific(c.Text), lost: true}
	}
	if c.Kind == xlsx.Error || c.Kind == xlsx.Broken {
		return field{text: fmt.Sprintf("（%s）", book.Shown(c))}
	}
	return field{text: book.Shown(c)}
}

package bank

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/roster/xlsx"
)

// maxText is the largest csv or txt file, in bytes: some 600,000 rows. A bank file has
// at most 5000 rows, and its answer no more.
const maxText = 64 << 20

// workbookLimits are far above any answer, and far below what hurts.
var workbookLimits = xlsx.Limits{File: 64 << 20, Part: 512 << 20, Total: 1 << 30, Strings: 64 << 20, Ratio: 200}

// ReadResults reads a bank's result file: an .xlsx workbook, or csv or txt in UTF-8 or
// GBK; which of them it is, the content says, not the name. Rows that cannot be read
// are Problems of the result. Errors: fault.NotFound and fault.Invalid for a file of
// which nothing can be read.
func ReadResults(path string) (*Results, error) {
	name := filepath.Base(path)
	head, err := firstBytes(path)
	if err != nil {
		return nil, openFault(err, name)
	}
	// An old .xls or an encrypted workbook too: xlsx has the sentences for them.
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")) {
		return readWorkbook(path, name)
	}
	body, err := readBounded(path, name)
	if err != nil {
		return nil, err
	}
	return parseText(name, body)
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

func readBounded(path, name string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, openFault(err, name)
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err != nil {
		return nil, openFault(err, name)
	}
	if len(body) > maxText {
		return nil, fault.New(fault.Invalid, "文件“%s”超过 %d MB，不像回盘文件，请核对文件", name, maxText>>20)
	}
	return body, nil
}

func openFault(err error, name string) error {
	if os.IsNotExist(err) {
		return fault.Wrap(err, fault.NotFound, "找不到文件“%s”，请核对路径和文件名", name)
	}
	return fault.Wrap(err, fault.Invalid, "文件“%s”打不开，请检查权限，或先在其他程序里关闭它", name)
}

// parseText reads a csv or txt file.
func parseText(name string, body []byte) (*Results, error) {
	text, encoding, err := decode(name, body)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	r := &reader{results: &Results{Name: name, SHA256: hex.EncodeToString(sum[:]), Encoding: encoding}}
	lines := splitLines(text)
	separator := byte(0)
	for i, line := range lines {
		if separator == 0 {
			separator = headingSeparator(line)
		}
		if err := r.row(Place{Row: i + 1}, splitFields(line, separator)); err != nil {
			return nil, err
		}
	}
	return r.done(1)
}

// readWorkbook reads every sheet of a workbook that has the headings.
func readWorkbook(path, name string) (*Results, error) {
	book, err := xlsx.Open(path, workbookLimits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	sum, err := book.SHA256()
	if err != nil {
		return nil, err
	}
	r := &reader{results: &Results{Name: name, SHA256: sum}}
	for _, sheet := range book.Sheets {
		r.columns = nil
		if err := readSheet(book, sheet, r); err != nil {
			return nil, err
		}
	}
	return r.done(len(book.Sheets))
}

func readSheet(book *xlsx.Book, sheet xlsx.Sheet, r *reader) error {
	rows, err := book.Rows(sheet)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row := rows.Row()
		var fields []field
		for _, c := range row.Cells {
			if c.Col >= maxColumns {
				break
			}
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

package bank

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/roster/textfile"
)

// maxLine is the longest line of a text file, in bytes of UTF-8. The longest answer has
// some 300.
const maxLine = 64 << 10

// text reads a csv or txt file.
func (r *reader) text(path string) (*Results, error) {
	f, err := textfile.Open(path, maxText)
	if err != nil {
		return nil, r.textFault(err)
	}
	defer f.Close()
	r.results.Encoding = f.Encoding
	if err := r.lines(f); err != nil {
		return nil, err
	}
	r.results.SHA256 = f.SHA256()
	return r.done(1)
}

func (r *reader) textFault(err error) error {
	switch name := r.results.Name; {
	case errors.Is(err, textfile.ErrEmpty):
		return fault.New(fault.Invalid, "文件“%s”是空的，请重新取得文件", name)
	case errors.Is(err, textfile.ErrTooBig):
		return fault.New(fault.Invalid, "文件“%s”超过 %d MB，不像回盘文件，请核对文件", name, maxText>>20)
	case errors.Is(err, textfile.ErrNotText):
		return fault.Wrap(err, fault.Invalid, "文件“%s”不是 UTF-8 或 GBK 的文本，或没有传完整，请重新取得文件，或另存为 .xlsx", name)
	default:
		return openFault(err, name)
	}
}

// lines takes in the rows of a text.
func (r *reader) lines(text io.Reader) error {
	in := bufio.NewScanner(text)
	in.Buffer(make([]byte, 0, 4<<10), maxLine)
	in.Split(cutLine)
	separator, n := byte(0), 0
	for in.Scan() {
		n++
		line := in.Text()
		if separator == 0 {
			separator = headingSeparator(line)
		}
		if err := r.row(Place{Row: n}, splitFields(line, separator)); err != nil {
			return err
		}
	}
	switch err := in.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fault.New(fault.Invalid, "文件“%s”第 %d 行超过 %d 个字节，不像回盘文件，请核对文件", r.results.Name, n+1, maxLine)
	case err != nil:
		return r.textFault(err)
	}
	return nil
}

// cutLine is a bufio.SplitFunc for line ends of any system.
func cutLine(data []byte, atEOF bool) (advance int, line []byte, err error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case i < 0:
		return 0, nil, nil
	case data[i] == '\n':
		return i + 1, data[:i], nil
	case i+1 < len(data) && data[i+1] == '\n':
		return i + 2, data[:i], nil
	case i+1 < len(data) || atEOF:
		return i + 1, data[:i], nil
	}
	return 0, nil, nil // what comes after \r decides
}

// separators are tried in this order.
var separators = []byte{'|', '\t', ',', ';', ' '}

// headingSeparator returns what separates the headings, 0 where the line has none.
func headingSeparator(line string) byte {
	for _, s := range separators {
		if columns, _ := headings(splitFields(line, s)); columns != nil {
			return s
		}
	}
	return 0
}

// splitFields splits a line. A field in double quotes may hold the separator; a quote
// that is not closed before the next separator is a character like any other, so that it
// never swallows what follows. Separator 0 leaves the line whole.
func splitFields(line string, separator byte) []field {
	if separator == 0 {
		return []field{{text: line}}
	}
	if separator == ' ' {
		var fields []field
		for _, s := range strings.Fields(line) {
			fields = append(fields, field{text: s})
		}
		return fields
	}
	var fields []field
	for len(fields) < maxColumns {
		text, rest, more := cutField(line, separator)
		fields = append(fields, field{text: text})
		if !more {
			break
		}
		line = rest
	}
	return fields
}

// cutField takes the first field off a line.
func cutField(line string, separator byte) (text, rest string, more bool) {
	if text, rest, more, ok := cutQuoted(line, separator); ok {
		return text, rest, more
	}
	return strings.Cut(line, string(rune(separator)))
}

// cutQuoted takes off a first field that stands in double quotes; ok is false for any other.
func cutQuoted(line string, separator byte) (text, rest string, more, ok bool) {
	if !strings.HasPrefix(line, `"`) {
		return "", "", false, false
	}
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] != '"':
		case i+1 == len(line):
			return unquote(line[1:i]), "", false, true
		case line[i+1] == separator:
			return unquote(line[1:i]), line[i+2:], true, true
		case line[i+1] == '"':
			i++ // a doubled quote stands for one
		default:
			return "", "", false, false
		}
	}
	return "", "", false, false
}

func unquote(s string) string { return strings.ReplaceAll(s, `""`, `"`) }

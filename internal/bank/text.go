package bank

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"disburse/internal/fault"
)

// decode finds out a text's encoding: UTF-8 where it is valid as that, else GBK, read
// as its superset GB18030. GBK text of a few Chinese characters is never valid UTF-8 by
// accident in the headings that follow. Bytes that are neither are refused: a name or
// account with a hole in it must not be compared.
func decode(name string, body []byte) (text, encoding string, err error) {
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "", "", fault.New(fault.Invalid, "文件“%s”是空的，请重新取得文件", name)
	case bytes.IndexByte(body, 0) >= 0:
		return "", "", fault.New(fault.Invalid, "文件“%s”不是 UTF-8 或 GBK 的文本，请另存为其中一种，或另存为 .xlsx", name)
	case utf8.Valid(body):
		return string(body), "UTF-8", nil
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return "", "", fault.Wrap(err, fault.Invalid, "文件“%s”不是 UTF-8 或 GBK 的文本，或没有传完整，请重新取得文件", name)
	}
	return string(decoded), "GBK", nil
}

// splitLines splits at line ends of any system.
func splitLines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
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

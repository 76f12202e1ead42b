package workbook

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"disburse/internal/money"
)

// maxText is how many UTF-16 units a cell can hold.
const maxText = 32767

var errTooLong = errors.New("text is longer than a cell can hold")

// appendAmount writes 分 as 元 with two decimals, in whole numbers only: 70.00, -0.05.
func appendAmount(buf []byte, a money.Fen) []byte {
	n := uint64(a)
	if a < 0 {
		buf = append(buf, '-')
		n = uint64(-a)
	}
	buf = strconv.AppendUint(buf, n/100, 10)
	return append(buf, '.', byte('0'+n/10%10), byte('0'+n%10))
}

// appendColumn writes a column's letters: 1 is A, 27 is AA.
func appendColumn(buf []byte, col int) []byte {
	if col > 26 {
		buf = appendColumn(buf, (col-1)/26)
	}
	return append(buf, byte('A'+(col-1)%26))
}

// appendText ends the opened <t tag and writes text into it, escaped.
func appendText(buf []byte, s string) ([]byte, error) {
	if len(s) >= maxText && len(utf16.Encode([]rune(s))) >= maxText {
		return buf, errTooLong
	}
	if s[0] <= ' ' || s[len(s)-1] <= ' ' {
		buf = append(buf, ` xml:space="preserve"`...)
	}
	buf = append(buf, '>')
	if formula(s) {
		buf = append(buf, '\'')
	}
	if plain(s) {
		return append(buf, s...), nil
	}
	return appendEscaped(buf, s), nil
}

// formula reports whether a program could read s as a formula: = + - @ first, also
// after space or in full width.
func formula(s string) bool {
	// Nearly all text begins with a letter, a digit or a Chinese character (E4–E9 in
	// UTF-8), and none of those needs a closer look.
	c := s[0]
	if c >= '0' && c <= '9' || c > '@' && c < utf8.RuneSelf || c >= 0xE4 && c <= 0xEE {
		return false
	}
	t := strings.TrimLeft(s, " \t\r\n\v\f\u00a0\u3000\ufeff\u200b")
	first, _ := utf8.DecodeRuneInString(t)
	return t != "" && strings.ContainsRune("=+-@＝＋－＠", first)
}

// Neutral is a text as cells have it: with an apostrophe before what a program could read
// as a formula. For a text that is written elsewhere and opened by such a program.
func Neutral(s string) string {
	if s != "" && formula(s) {
		return "'" + s
	}
	return s
}

// plain reports whether s can stand in XML as it is.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ', c == '&', c == '<', c == '>', c == '_', c == 0xEF:
			return false
		}
	}
	return utf8.ValidString(s)
}

// appendEscaped writes s with the characters of XML escaped, and those that XML
// cannot hold replaced by U+FFFD, so that it shows that something was there.
func appendEscaped(buf []byte, s string) []byte {
	for i, r := range s {
		switch {
		case r == '&':
			buf = append(buf, "&amp;"...)
		case r == '<':
			buf = append(buf, "&lt;"...)
		case r == '>':
			buf = append(buf, "&gt;"...)
		case r == '\r':
			buf = append(buf, "&#13;"...)
		case r == '_' && escapeSequence(s[i:]):
			buf = append(buf, "_x005F_"...) // else _x0041_ would show as A
		case r < ' ' && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			buf = utf8.AppendRune(buf, utf8.RuneError)
		default:
			buf = utf8.AppendRune(buf, r)
		}
	}
	return buf
}

// escapeSequence reports whether s begins like _x0041_.
func escapeSequence(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}

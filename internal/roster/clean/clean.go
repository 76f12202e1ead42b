package clean

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest texts that the roster takes in, in characters.
const (
	MaxName = 60   // 姓名, 账户户名, 代领人
	MaxText = 200  // names of places, banks and institutions
	MaxNote = 1000 // 住址, 代领原因, 依据
)

// Blank reports whether a character is space to people: also line breaks, and the
// invisible marks that come along when text is copied from a web page or a chat.
func Blank(r rune) bool {
	if '一' <= r && r <= '龥' { // by far most characters; the tables are slow
		return false
	}
	return unicode.IsSpace(r) || invisible(r) || r == '\u3164' || r == '\u2800'
}

// invisible reports whether a character takes no room at all: it stands between nothing.
func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// fields takes text apart at its spaces, without invisible marks.
func fields(s string) []string {
	s = strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, s)
	return strings.FieldsFunc(s, Blank)
}

// narrow turns a full-width character into the ASCII one it stands for.
func narrow(r rune) rune {
	if '！' <= r && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// plain reports whether text is printable ASCII without spaces: nothing to clean.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// Squeeze takes all space out and makes full-width characters narrow: for numbers,
// dates, codes and the words of lists.
func Squeeze(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if Blank(r) {
			return -1
		}
		return narrow(r)
	}, s)
}

// Tidy takes space off the ends and leaves one space where there was some inside:
// for addresses and notes.
func Tidy(s string) string {
	if !strings.ContainsFunc(s, Blank) {
		return s
	}
	return strings.Join(fields(s), " ")
}

// Name is tidy for names. Beside Chinese characters and the dot in 阿不都·热合曼 there
// is no space at all: people put one into 张　三 to line names up, and the bank would
// refuse it. Only letters and digits of other scripts keep theirs.
func Name(s string) string {
	if !strings.ContainsFunc(s, Blank) {
		return s
	}
	var name strings.Builder
	last := rune(0)
	for _, f := range fields(s) {
		first, _ := utf8.DecodeRuneInString(f)
		if last != 0 && (spaced(last) || spaced(first)) {
			name.WriteByte(' ')
		}
		name.WriteString(f)
		last, _ = utf8.DecodeLastRuneInString(f)
	}
	return name.String()
}

// spaced reports whether a character belongs to a script that puts spaces between words.
func spaced(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}

// Unreadable returns the reason why a cleaned text cannot be taken in, "" if it can.
func Unreadable(s string, limit int) string {
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return "含有乱码，请重新填写"
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "含有看不见的控制字符，请重新填写"
	}
	if len(s) <= limit {
		return ""
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return fmt.Sprintf("太长（%d 个字），最多 %d 个字，请缩短", n, limit)
	}
	return ""
}

// Neutral makes text safe to export: what would start a formula if it were typed or
// pasted gets an apostrophe in front. So does what already has one before such a
// character, so that reading can take exactly one off again (see original).
func Neutral(s string) string {
	if FormulaLike(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Original undoes neutral.
func Original(s string) string {
	if strings.HasPrefix(s, "'") && FormulaLike(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

// FormulaLike reports whether text would start a formula.
func FormulaLike(s string) bool {
	return s != "" && strings.IndexByte("=+-@", s[0]) >= 0
}

// AllDigits reports whether text is digits alone; empty text is.
func AllDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

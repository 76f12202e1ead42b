package roster

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest texts that the roster takes in, in characters.
const (
	maxName = 60  // 姓名, 账户户名, 代领人
	maxText = 200 // everything else
)

// blank reports whether a character is space to people: also line breaks, and the
// invisible marks that come along when text is copied from a web page or a chat.
func blank(r rune) bool {
	if '一' <= r && r <= '龥' { // by far most characters; the tables are slow
		return false
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == '\u3164' || r == '\u2800'
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

// squeeze takes all space out and makes full-width characters narrow: for numbers,
// dates, codes and the words of lists.
func squeeze(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if blank(r) {
			return -1
		}
		return narrow(r)
	}, s)
}

// tidy takes space off the ends and leaves one space where there was some inside:
// for addresses and notes.
func tidy(s string) string {
	if !strings.ContainsFunc(s, blank) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, blank), " ")
}

// tidyName is tidy for names. Between Chinese characters there is no space at all:
// people put one into 张　三 to line names up, and the bank would refuse it.
func tidyName(s string) string {
	if !strings.ContainsFunc(s, blank) {
		return s
	}
	fields := strings.FieldsFunc(s, blank)
	for _, f := range fields {
		for _, r := range f {
			if !unicode.Is(unicode.Han, r) {
				return strings.Join(fields, " ")
			}
		}
	}
	return strings.Join(fields, "")
}

// unreadable returns the reason why a cleaned text cannot be taken in, "" if it can.
func unreadable(s string, limit int) string {
	if !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) {
		return "含有乱码，请重新填写"
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "含有看不见的控制字符，请重新填写"
	}
	if len(s) > limit && utf8.RuneCountInString(s) > limit {
		return "太长，请缩短"
	}
	return ""
}

// neutral makes text safe to export: what would start a formula if it were typed or
// pasted gets an apostrophe in front. So does what already has one before such a
// character, so that reading can take exactly one off again (see original).
func neutral(s string) string {
	if formulaLike(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// original undoes neutral.
func original(s string) string {
	if strings.HasPrefix(s, "'") && formulaLike(strings.TrimLeft(s, "'")) {
		return s[1:]
	}
	return s
}

func formulaLike(s string) bool {
	return s != "" && strings.IndexByte("=+-@", s[0]) >= 0
}

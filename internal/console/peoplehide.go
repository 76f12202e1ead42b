package console

import (
	"regexp"
	"strings"
	"unicode"

	"disburse/internal/roster"
)

// longNumber is what may be an ID number, an account or a telephone.
var longNumber = regexp.MustCompile(`[0-9]{11,}[Xx]?`)

// hideNumbers masks the numbers in a text that somebody else wrote.
func hideNumbers(s string) string {
	return longNumber.ReplaceAllStringFunc(s, func(n string) string {
		if len(n) == 18 {
			return roster.MaskID(n)
		}
		return maskAccount(n)
	})
}

// typed is a field of the request without what no keyboard types and no database keeps.
func (v *visit) typed(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(v.r.FormValue(name), "")))
}

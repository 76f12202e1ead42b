package console

import (
	"regexp"

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

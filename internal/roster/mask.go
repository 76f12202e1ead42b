package roster

import (
	"regexp"
	"strings"
)

// MaskID hides the middle of an ID number, as published lists have it: the first six
// characters, eight stars, the last four. A temporary number says nothing about anybody
// and stays; anything else is hidden whole.
func MaskID(id string) string {
	switch {
	case strings.HasPrefix(id, temporaryPrefix):
		return id
	case len(id) == 18:
		return id[:6] + "********" + id[14:]
	}
	return strings.Repeat("*", len([]rune(id)))
}

// MaskAccount hides the middle of an account number: the first and the last four digits
// stay, of a short one nothing.
func MaskAccount(number string) string {
	if len(number) <= 8 {
		return "****"
	}
	return number[:4] + "****" + number[len(number)-4:]
}

// longNumber is what may be an ID number, an account or a telephone within a text.
var longNumber = regexp.MustCompile(`[0-9]{11,}[Xx]?`)

// MaskNumbers masks the long numbers in a text that people wrote.
func MaskNumbers(text string) string {
	return longNumber.ReplaceAllStringFunc(text, func(n string) string {
		if len(n) == 18 {
			return MaskID(n)
		}
		return MaskAccount(n)
	})
}

// HideNumbers hides the long numbers in a text whole, where it is kept for good.
func HideNumbers(text string) string { return longNumber.ReplaceAllString(text, "********") }

// Package charset has the encodings that banks ask for, strictly: what an encoding
// lacks is named and never becomes a question mark.
package charset

import (
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Charset is one encoding of text files. The zero Charset is UTF-8.
type Charset struct {
	name string
	enc  encoding.Encoding // nil: UTF-8
}

// Named returns UTF-8, GBK or GB18030; false for any other name.
func Named(name string) (Charset, bool) {
	switch name {
	case "UTF-8":
		return Charset{name: name}, true
	case "GBK":
		return Charset{name, simplifiedchinese.GBK}, true
	case "GB18030":
		return Charset{name, simplifiedchinese.GB18030}, true
	}
	return Charset{}, false
}

// Name returns the encoding's name.
func (c Charset) Name() string {
	if c.enc == nil {
		return "UTF-8"
	}
	return c.name
}

// Encode returns the bytes of s; an error names the first character that the
// encoding lacks.
func (c Charset) Encode(s string) ([]byte, error) {
	if r, lacks := c.Lacks(s); lacks {
		return nil, fmt.Errorf("%s lacks %q", c.Name(), r)
	}
	if c.enc == nil {
		return []byte(s), nil
	}
	return c.enc.NewEncoder().Bytes([]byte(s))
}

// Width returns how many bytes s takes; 0 for what cannot be encoded.
func (c Charset) Width(s string) int {
	body, err := c.Encode(s)
	if err != nil {
		return 0
	}
	return len(body)
}

// Lacks returns the first character of s that the encoding does not have.
func (c Charset) Lacks(s string) (rune, bool) {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size < 2 {
				return r, true
			}
		}
		if r >= utf8.RuneSelf && c.enc != nil && !c.has(r) {
			return r, true
		}
	}
	return 0, false
}

// has reports whether the encoding has the character. The library's GBK is that of
// browsers, which know more than banks' code page 936: a one-byte euro sign, and the
// characters of row FE, which the code page leaves to private use.
func (c Charset) has(r rune) bool {
	body, err := c.enc.NewEncoder().Bytes(utf8.AppendRune(nil, r))
	if err != nil {
		return false
	}
	return c.enc != simplifiedchinese.GBK || (len(body) == 2 && body[0] != 0xFE)
}

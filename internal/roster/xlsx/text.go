package xlsx

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// appendText appends the scanner's text, with entities resolved unless it is literal.
func (s *scanner) appendText(dst []byte) ([]byte, error) {
	if s.cdata {
		return append(dst, s.text...), nil
	}
	return appendUnescaped(dst, s.text)
}

// appendUnescaped appends text with its entities resolved and line ends as \n.
func appendUnescaped(dst, text []byte) ([]byte, error) {
	for {
		i := bytes.IndexAny(text, "&\r")
		if i < 0 {
			return append(dst, text...), nil
		}
		dst = append(dst, text[:i]...)
		if text[i] == '\r' {
			text = bytes.TrimPrefix(text[i+1:], []byte("\n"))
			dst = append(dst, '\n')
			continue
		}
		end := bytes.IndexByte(text[i:], ';')
		if end < 0 || end > 12 {
			return nil, errSyntax
		}
		r, ok := entity(string(text[i+1 : i+end]))
		if !ok {
			return nil, errSyntax
		}
		dst = utf8.AppendRune(dst, r)
		text = text[i+end+1:]
	}
}

// entity returns the character of one of XML's own entities. Others need a document type.
func entity(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || n == 0 {
		return 0, false
	}
	return rune(n), true
}

// unescapeControls resolves _xHHHH_, by which Excel writes characters that XML cannot
// hold, in text[from:]. A literal _xHHHH_ is itself written with _x005F_ in front.
func unescapeControls(text []byte, from int) []byte {
	i := bytes.Index(text[from:], []byte("_x"))
	if i < 0 {
		return text
	}
	out := text[:from+i]
	for rest := text[from+i:]; len(rest) > 0; {
		if r, ok := controlEscape(rest); ok {
			out = utf8.AppendRune(out, r) // never longer than the seven bytes it stands for
			rest = rest[7:]
			continue
		}
		out = append(out, rest[0])
		rest = rest[1:]
	}
	return out
}

func controlEscape(text []byte) (rune, bool) {
	if len(text) < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	if err != nil {
		return 0, false
	}
	return rune(n), true
}

// appendRich appends the text of a string item (si, is) whose start tag came last: its
// own t or those of its runs, without the phonetic guide (rPh), which is not shown.
func (s *scanner) appendRich(dst []byte) ([]byte, error) {
	from := len(dst)
	inText := false
	for depth := 1; depth > 0; {
		tok, err := s.next()
		if err != nil {
			return nil, err
		}
		switch {
		case tok == tokenText && inText:
			if dst, err = s.appendText(dst); err != nil {
				return nil, err
			}
			if len(dst)-from > maxToken {
				return nil, errTooLong
			}
		case tok == tokenStart && string(s.name) == "rPh":
			if err := s.skip(); err != nil {
				return nil, err
			}
		case tok == tokenStart:
			depth++
			inText = string(s.name) == "t"
		case tok == tokenEnd:
			depth--
			inText = false
		}
	}
	return unescapeControls(dst, from), nil
}

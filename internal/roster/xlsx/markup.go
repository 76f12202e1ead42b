package xlsx

import (
	"bytes"
	"io"
)

// scanMarkup takes a tag, or passes over a comment or instruction (done is false).
func (s *scanner) scanMarkup() (tok token, done bool, err error) {
	for s.to-s.at < 2 {
		if err := s.moreInside(); err != nil {
			return tokenEOF, false, err
		}
	}
	switch s.buf[s.at+1] {
	case '/':
		tok, err = s.scanEnd()
		return tok, true, err
	case '?':
		return tokenEOF, false, s.scanInstruction()
	case '!':
		return s.scanDeclaration()
	}
	tok, err = s.scanStart()
	return tok, true, err
}

// moreInside is more where the document must not end.
func (s *scanner) moreInside() error {
	err := s.more()
	if err == io.EOF {
		return errTruncated
	}
	return err
}

// upTo returns the length from at to the end of the first mark, counted from skip.
func (s *scanner) upTo(skip int, mark string) (int, error) {
	from := skip
	for {
		if from <= s.to-s.at {
			if i := bytes.Index(s.buf[s.at+from:s.to], []byte(mark)); i >= 0 {
				return from + i + len(mark), nil
			}
			from = max(skip, s.to-s.at-len(mark)+1)
		}
		if err := s.moreInside(); err != nil {
			return 0, err
		}
	}
}

func (s *scanner) scanInstruction() error {
	n, err := s.upTo(2, "?>")
	if err != nil {
		return err
	}
	body := s.buf[s.at+2 : s.at+n-2]
	s.at += n
	if bytes.HasPrefix(body, []byte("xml ")) {
		encoding, _ := attribute(body[4:], "encoding")
		switch string(bytes.ToUpper(encoding)) {
		case "", "UTF-8", "UTF8", "US-ASCII", "ASCII", "UTF-16", "UTF-16LE", "UTF-16BE":
		default:
			return errEncoding
		}
	}
	return nil
}

func (s *scanner) scanDeclaration() (tok token, done bool, err error) {
	const cdata = "<![CDATA["
	for s.to-s.at < len(cdata) {
		if err := s.moreInside(); err != nil {
			return tokenEOF, false, err
		}
	}
	head := s.buf[s.at : s.at+len(cdata)]
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		n, err := s.upTo(4, "-->")
		s.at += n
		return tokenEOF, false, err
	case string(head) == cdata && len(s.lengths) > 0:
		n, err := s.upTo(len(cdata), "]]>")
		if err != nil {
			return tokenEOF, false, err
		}
		s.take(n)
		s.text = s.text[len(cdata) : n-3]
		s.cdata = true
		return tokenText, true, nil
	case bytes.HasPrefix(head, []byte("<!DOCTYPE")):
		return tokenEOF, false, errDoctype
	}
	return tokenEOF, false, errSyntax
}

func (s *scanner) scanEnd() (token, error) {
	n, err := s.upTo(2, ">")
	if err != nil {
		return tokenEOF, err
	}
	name := bytes.TrimRight(s.buf[s.at+2:s.at+n-1], " \t\r\n")
	s.at += n
	if len(s.lengths) == 0 {
		return tokenEOF, errSyntax
	}
	last := s.lengths[len(s.lengths)-1]
	if !bytes.Equal(name, s.open[len(s.open)-last:]) {
		return tokenEOF, errSyntax
	}
	s.pop()
	s.name = localName(name)
	return tokenEnd, nil
}

func (s *scanner) pop() {
	last := len(s.lengths) - 1
	s.open = s.open[:len(s.open)-s.lengths[last]]
	s.lengths = s.lengths[:last]
}

func (s *scanner) scanStart() (token, error) {
	n, err := s.tagLength()
	if err != nil {
		return tokenEOF, err
	}
	tag := s.buf[s.at+1 : s.at+n-1]
	s.at += n
	if len(tag) > 0 && tag[len(tag)-1] == '/' {
		s.selfClosed = true
		tag = tag[:len(tag)-1]
	}
	end := 0
	for end < len(tag) && !space(tag[end]) {
		end++
	}
	name := tag[:end]
	switch {
	case !nameStart(name), len(s.lengths) == 0 && s.seenRoot:
		return tokenEOF, errSyntax
	case len(s.lengths) == maxDepth:
		return tokenEOF, errTooDeep
	}
	s.seenRoot = true
	s.open = append(s.open, name...)
	s.lengths = append(s.lengths, len(name))
	s.name, s.attrs = localName(name), tag[end:]
	return tokenStart, nil
}

// tagLength returns the length of the tag at the scanner, of which > within quotes is no end.
func (s *scanner) tagLength() (int, error) {
	quote := byte(0)
	for i := 1; ; {
		for ; s.at+i < s.to; i++ {
			c := s.buf[s.at+i]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '>':
				return i + 1, nil
			case c == '<':
				return 0, errSyntax
			}
		}
		if err := s.moreInside(); err != nil {
			return 0, err
		}
	}
}

// skip passes over the rest of the element whose start tag came last.
func (s *scanner) skip() error {
	for depth := 1; depth > 0; {
		tok, err := s.next()
		if err != nil {
			return err
		}
		switch tok {
		case tokenStart:
			depth++
		case tokenEnd:
			depth--
		}
	}
	return nil
}

// localName drops a namespace prefix: some writers put x: before every name.
func localName(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

func nameStart(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	c := name[0]
	return c == '_' || c >= 0x80 || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z')
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

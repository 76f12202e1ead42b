package xlsx

import (
	"bytes"
	"errors"
	"io"
)

// What makes XML unreadable here. Document types are refused outright: workbooks
// have none, and they are how XML bombs are built.
var (
	errTruncated = errors.New("xlsx: XML ends early")
	errSyntax    = errors.New("xlsx: XML not well-formed")
	errDoctype   = errors.New("xlsx: XML with a document type")
	errEncoding  = errors.New("xlsx: XML not in UTF-8 or UTF-16")
	errTooLong   = errors.New("xlsx: XML token too long")
	errTooDeep   = errors.New("xlsx: XML nested too deep")
)

const (
	firstBuffer = 64 << 10
	// maxToken bounds one tag or text: Excel keeps at most 32,767 characters in a cell.
	maxToken = 512 << 10
	maxDepth = 128
)

type token int

const (
	tokenEOF   token = iota
	tokenStart       // name, attrs
	tokenEnd         // name
	tokenText        // text, cdata
)

// scanner takes XML apart without copying: what next leaves in name, attrs and text
// points into the buffer and holds until the following call. It checks that tags match,
// so a part that breaks off is never taken for a whole one.
type scanner struct {
	src    io.Reader
	buf    []byte
	at, to int // unread: buf[at:to]
	eof    bool

	name  []byte // local name of a tag
	attrs []byte // of a start tag, unparsed
	text  []byte // entities as they stand
	cdata bool   // text is literal

	selfClosed bool // the last start tag closes itself; next gives its end
	open       []byte
	lengths    []int // of the qualified names in open
	seenRoot   bool
}

func newScanner(src io.Reader) *scanner {
	return &scanner{src: src, buf: make([]byte, firstBuffer)}
}

// more reads on, keeping buf[at:to]. It returns io.EOF at the end.
func (s *scanner) more() error {
	if s.eof {
		return io.EOF
	}
	if s.at > 0 {
		copy(s.buf, s.buf[s.at:s.to])
		s.to -= s.at
		s.at = 0
	}
	if s.to == len(s.buf) {
		if len(s.buf) >= maxToken {
			return errTooLong
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.to:])
		s.to += n
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
		if s.eof {
			return io.EOF
		}
	}
	return io.ErrNoProgress
}

// next returns the next token. At the end of a whole document it is tokenEOF.
func (s *scanner) next() (token, error) {
	if s.selfClosed {
		s.selfClosed = false
		s.pop()
		return tokenEnd, nil
	}
	for {
		if s.at == s.to {
			if err := s.more(); err == io.EOF {
				return s.finish()
			} else if err != nil {
				return tokenEOF, err
			}
		}
		if s.buf[s.at] != '<' {
			return s.scanText()
		}
		tok, done, err := s.scanMarkup()
		if done || err != nil {
			return tok, err
		}
	}
}

func (s *scanner) finish() (token, error) {
	if len(s.lengths) > 0 || !s.seenRoot {
		return tokenEOF, errTruncated
	}
	return tokenEOF, nil
}

// scanText takes the text up to the next tag.
func (s *scanner) scanText() (token, error) {
	from := 0
	for {
		if i := bytes.IndexByte(s.buf[s.at+from:s.to], '<'); i >= 0 {
			s.take(from + i)
			break
		}
		from = s.to - s.at
		if err := s.more(); err == io.EOF {
			s.take(from)
			break
		} else if err != nil {
			return tokenEOF, err
		}
	}
	s.cdata = false
	outside := bytes.TrimPrefix(s.text, []byte("\xEF\xBB\xBF"))
	if len(s.lengths) == 0 && len(bytes.TrimSpace(outside)) > 0 {
		return tokenEOF, errSyntax
	}
	return tokenText, nil
}

func (s *scanner) take(n int) {
	s.text = s.buf[s.at : s.at+n]
	s.at += n
}

package xlsx

// sharedStrings are the texts that cells refer to by number. They lie in blocks, so that
// growing never copies what is there: a workbook's texts may be half of what its reader
// may take.
type sharedStrings struct {
	blocks []string // each of at most stringBlock bytes
	last   []byte   // the block that is being filled
	ends   chunks   // of each text, counted over all blocks as if each were full
	length int      // bytes in all
}

// stringBlock holds any text that the scanner lets through; a text lies in one block.
const (
	stringBlockBits = 22
	stringBlock     = 1 << stringBlockBits
)

// chunks is a list of numbers that grows without copying.
type chunks struct {
	parts [][]uint32
	count int
}

const chunkSize = 1 << 16

func (c *chunks) add(n uint32) {
	if c.count%chunkSize == 0 {
		c.parts = append(c.parts, make([]uint32, chunkSize))
	}
	c.parts[c.count/chunkSize][c.count%chunkSize] = n
	c.count++
}

func (c *chunks) at(i int) uint32 { return c.parts[i/chunkSize][i%chunkSize] }

// add adds a text of at most maxToken bytes.
func (t *sharedStrings) add(text []byte) {
	if len(t.last)+len(text) > stringBlock {
		t.seal()
	}
	if t.last == nil {
		t.last = make([]byte, 0, min(stringBlock, max(firstBuffer, len(text))))
	}
	t.last = append(t.last, text...)
	t.length += len(text)
	t.ends.add(uint32(len(t.blocks)<<stringBlockBits + len(t.last)))
}

// seal ends the block that is being filled.
func (t *sharedStrings) seal() {
	t.blocks = append(t.blocks, string(t.last))
	t.last = t.last[:0]
}

// get returns a text by its number. A text begins where the one before ends, or at the
// beginning of its block where it found no room behind that.
func (t *sharedStrings) get(i int) (string, bool) {
	if t == nil || i < 0 || i >= t.ends.count {
		return "", false
	}
	from, to := uint32(0), t.ends.at(i)
	if i > 0 {
		from = t.ends.at(i - 1)
	}
	if from == to {
		return "", true
	}
	block := (to - 1) >> stringBlockBits
	base := block << stringBlockBits
	return t.blocks[block][max(from, base)-base : to-base], true
}

// readStrings reads the shared strings, where the workbook has any.
func (b *Book) readStrings() error {
	if b.target.strings == "" {
		return nil
	}
	p, err := b.open(b.target.strings, b.limits.Part)
	if err != nil {
		return err
	}
	defer p.Close()
	var text []byte
	t := &sharedStrings{}
	for s := newScanner(p); ; {
		tok, err := s.next()
		if err != nil {
			return p.fault(err)
		}
		if tok == tokenEOF {
			break
		}
		if tok != tokenStart || string(s.name) != "si" {
			continue
		}
		if text, err = s.appendRich(text[:0]); err != nil {
			return p.fault(err)
		}
		// A text also takes a number, whatever its length.
		if t.add(text); t.length+4*t.ends.count > b.limits.Strings {
			return p.fault(b.tooMuchText())
		}
	}
	t.seal()
	b.strings = t
	return nil
}

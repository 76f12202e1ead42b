package backup

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	chunkSize = 1 << 20 // bytes before sealing
	lastChunk = 1 << 31 // in the length that stands before a chunk
)

// chunkWriter cuts a stream into sealed chunks.
type chunkWriter struct {
	w      io.Writer
	seal   *sealer
	n      uint64
	chunk  []byte
	sealed []byte
}

func newChunkWriter(w io.Writer, s *sealer) (*chunkWriter, error) {
	if _, err := w.Write(s.preamble); err != nil {
		return nil, err
	}
	return &chunkWriter{w: w, seal: s, chunk: make([]byte, 0, chunkSize)}, nil
}

// Write implements io.Writer.
func (c *chunkWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if len(c.chunk) == chunkSize {
			if err := c.flush(false); err != nil {
				return written, err
			}
		}
		n := min(len(p), chunkSize-len(c.chunk))
		c.chunk = append(c.chunk, p[:n]...)
		p, written = p[n:], written+n
	}
	return written, nil
}

// Close writes the last chunk.
func (c *chunkWriter) Close() error { return c.flush(true) }

func (c *chunkWriter) flush(last bool) error {
	size := uint32(len(c.chunk))
	if last {
		size |= lastChunk
	}
	c.sealed = binary.BigEndian.AppendUint32(c.sealed[:0], size)
	c.sealed = c.seal.seal(c.sealed, c.chunk, c.n, last)
	_, err := c.w.Write(c.sealed)
	c.chunk, c.n = c.chunk[:0], c.n+1
	return err
}

// chunkReader puts the stream together again. It gives nothing of a chunk before its tag
// has been found right.
type chunkReader struct {
	r     io.Reader
	seal  *sealer
	n     uint64
	block []byte
	rest  []byte
	err   error
}

// damage is what is wrong with a file, in Chinese.
type damage struct{ what string }

func (d damage) Error() string { return d.what }

var errCut = damage{"不完整，后面缺了一截（可能没有复制完）"}

func altered(chunk uint64) error {
	return damage{fmt.Sprintf("第 %d 块的内容被改动或已损坏", chunk+1)}
}

// Read implements io.Reader.
func (c *chunkReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.err == nil {
			c.err = c.next()
		}
		if c.err != nil && len(c.rest) == 0 {
			return 0, c.err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// next reads a chunk; with the last one it returns io.EOF, and the chunk is in rest.
func (c *chunkReader) next() error {
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return cut(err)
	}
	size := binary.BigEndian.Uint32(head[:])
	last := size&lastChunk != 0
	size &^= lastChunk
	if size > chunkSize {
		return altered(c.n)
	}
	if c.block == nil {
		c.block = make([]byte, chunkSize+tagSize)
	}
	sealed := c.block[:size+tagSize]
	if _, err := io.ReadFull(c.r, sealed); err != nil {
		return cut(err)
	}
	chunk, err := c.seal.open(sealed, c.n, last)
	if err != nil {
		return altered(c.n)
	}
	c.rest = chunk
	c.n++
	if !last {
		return nil
	}
	return c.ended()
}

// ended makes sure that nothing follows the last chunk.
func (c *chunkReader) ended() error {
	n, err := io.Copy(io.Discard, io.LimitReader(c.r, 1))
	if err != nil {
		return err
	}
	if n > 0 {
		c.rest = nil
		return damage{"末尾多出了内容，已被改动"}
	}
	return io.EOF
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return err
}

// readPreamble reads what stands before the chunks.
func readPreamble(r io.Reader) ([]byte, error) {
	pre := make([]byte, plainPreamble, aesPreamble)
	if _, err := io.ReadFull(r, pre); err != nil || !bytes.HasPrefix(pre, []byte(magic)) {
		return nil, errNotBackup
	}
	if pre[len(magic)] != format {
		return nil, errNewer
	}
	switch pre[len(magic)+1] {
	case modePlain:
		return pre, nil
	case modeAES:
		pre = pre[:aesPreamble]
		_, err := io.ReadFull(r, pre[plainPreamble:])
		if err != nil {
			return nil, cut(err)
		}
		return pre, nil
	}
	return nil, damage{"开头的内容被改动或已损坏"}
}

var (
	errNotBackup = errors.New("not a backup")
	errNewer     = errors.New("a newer format")
)

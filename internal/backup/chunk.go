package backup

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	magic  = "DISBURSE BACKUP\n"
	format = 1

	modePlain  = 0
	modeArgon2 = 1 // argon2id with AES-256-GCM, before age; no longer read
	modeAge    = 2

	preambleSize = len(magic) + 2
	chunkSize    = 1 << 20 // bytes, without length and tag
	tagSize      = 16
	lastChunk    = 1 << 31 // in the length that precedes a chunk
)

// preamble is what a file begins with.
func preamble(mode byte) []byte { return append([]byte(magic), format, mode) }

// appendTag appends the tag of chunk number n. It covers the preamble, the chunk's number
// and whether it is the last, so chunks can be neither exchanged nor left out at the end.
// It detects accidents, not somebody who means to deceive, as it needs no key: against him
// there are encryption, the printed SHA-256 of the file and the head of the audit chain.
func appendTag(dst, chunk []byte, n uint64, last bool) []byte {
	h := sha256.New()
	h.Write(preamble(modePlain))
	var place [13]byte // last, four zero bytes, n
	if last {
		place[0] = 1
	}
	binary.BigEndian.PutUint64(place[5:], n)
	h.Write(place[:])
	h.Write(chunk)
	return append(dst, h.Sum(nil)[:tagSize]...)
}

// chunkWriter cuts a stream into chunks, each with its tag.
type chunkWriter struct {
	w      io.Writer
	n      uint64
	chunk  []byte
	tagged []byte
}

func newChunkWriter(w io.Writer) (*chunkWriter, error) {
	if _, err := w.Write(preamble(modePlain)); err != nil {
		return nil, err
	}
	return &chunkWriter{w: w, chunk: make([]byte, 0, chunkSize)}, nil
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
	c.tagged = binary.BigEndian.AppendUint32(c.tagged[:0], size)
	c.tagged = append(c.tagged, c.chunk...)
	c.tagged = appendTag(c.tagged, c.chunk, c.n, last)
	_, err := c.w.Write(c.tagged)
	c.chunk, c.n = c.chunk[:0], c.n+1
	return err
}

// chunkReader puts the stream together again. It gives nothing of a chunk before its tag
// has been found right.
type chunkReader struct {
	r     io.Reader
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
	tagged := c.block[:size+tagSize]
	if _, err := io.ReadFull(c.r, tagged); err != nil {
		return cut(err)
	}
	chunk, tag := tagged[:size], tagged[size:]
	if subtle.ConstantTimeCompare(tag, appendTag(nil, chunk, c.n, last)) != 1 {
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
		c.rest = nil
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

// readPreamble reads what a file begins with, and returns its mode.
func readPreamble(r io.Reader) (mode byte, err error) {
	pre := make([]byte, preambleSize)
	if _, err := io.ReadFull(r, pre); err != nil {
		var d damage
		if errors.As(err, &d) { // of an encrypted file
			return 0, err
		}
		return 0, errNotBackup
	}
	if !bytes.HasPrefix(pre, []byte(magic)) {
		return 0, errNotBackup
	}
	if pre[len(magic)] != format {
		return 0, errNewer
	}
	switch mode = pre[len(magic)+1]; mode {
	case modePlain, modeAge:
		return mode, nil
	case modeArgon2:
		return 0, errOldEncryption
	}
	return 0, damage{"开头的内容被改动或已损坏"}
}

var (
	errNotBackup     = errors.New("not a backup")
	errNewer         = errors.New("a newer format")
	errOldEncryption = errors.New("encrypted by an older program")
)

package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// CopyIn runs sql, a COPY … FROM STDIN (FORMAT binary), streaming the rows of r in
// RowWriter's encoding; CopyIn adds the header and trailer of the format. It returns the
// number of rows.
//
// The connection must be in a transaction (tx.Conn().PgConn()), so that a failed COPY is
// rolled back. An error of r makes the COPY fail and is returned. When the COPY fails
// first, CopyIn waits for the Read in progress; if r has CloseWithError, as an
// io.PipeReader has, it is called before CopyIn returns, so that the writing goroutine
// does not block for ever.
func CopyIn(ctx context.Context, conn *pgconn.PgConn, sql string, r io.Reader) (int64, error) {
	source := &sourceError{r: r}
	tag, err := conn.CopyFrom(ctx, io.MultiReader(bytes.NewReader(copyHeader), source, bytes.NewReader(copyTrailer)), sql)
	if closer, ok := r.(interface{ CloseWithError(error) error }); ok {
		_ = closer.CloseWithError(errors.Join(errCopyEnded, err))
	}
	if err := source.failure(); err != nil {
		return 0, err // the cause, not the server's report that the COPY was aborted
	}
	if err != nil {
		return 0, fmt.Errorf("copy in: %w", err)
	}
	return tag.RowsAffected(), nil
}

var errCopyEnded = errors.New("COPY has ended")

// sourceError records the error that r ended with. pgx reads r in a goroutine of its own,
// which may still run after the connection is lost: hence the lock.
type sourceError struct {
	r   io.Reader
	mu  sync.Mutex
	err error
}

func (s *sourceError) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *sourceError) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// CopyInFunc is CopyIn with a producer: fill runs in a goroutine of its own, so that rows
// are encoded while the server stores earlier ones. fill writes whole rows, best about
// 64 KB at a time, and must return when a write fails; it must not use conn.
func CopyInFunc(ctx context.Context, conn *pgconn.PgConn, sql string, fill func(io.Writer) error) (int64, error) {
	out, in := io.Pipe()
	filled := make(chan struct{})
	go func() {
		defer close(filled)
		in.CloseWithError(fill(in)) // nil ends the stream
	}()
	rows, err := CopyIn(ctx, conn, sql, out)
	<-filled
	return rows, err
}

const (
	blockSize = 256 << 10 // bytes per block between the connection and the reader
	blocks    = 4         // read-ahead: how many blocks the connection may be in front
)

// CopyOut runs sql, a COPY … TO STDOUT (FORMAT binary), and streams its rows to read; the
// next rows are received in the background while read works. Calls may be nested, on
// different connections, to merge two streams.
//
// An error of read cancels the COPY and is returned; the connection is then closed and
// its transaction rolled back. An error of the COPY shows in the reader's Err, and is
// returned when read returns nil or that error.
func CopyOut(ctx context.Context, conn *pgconn.PgConn, sql string, read func(*RowReader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	queue := &blockQueue{full: make(chan []byte, blocks), free: make(chan []byte, blocks), cancelled: ctx.Done()}
	go func() {
		_, err := conn.CopyTo(ctx, queue, sql)
		queue.finish(err)
	}()
	defer func() {
		cancel()
		for range queue.full {
			continue // wait until CopyTo no longer uses the connection: the caller may reuse it
		}
	}()
	rows := NewRowReader(queue)
	if err := read(rows); err != nil {
		return err
	}
	for rows.Next() {
		continue // drain what read left, or the connection would be unusable afterwards
	}
	return rows.Err()
}

// blockQueue is a bounded pipe with read-ahead: one goroutine writes small pieces, another
// reads large blocks, and blocks are reused. io.Pipe has no buffer, so each small piece
// would cost a switch of goroutines.
type blockQueue struct {
	full, free chan []byte
	cancelled  <-chan struct{} // closed when the reader has stopped
	err        error           // why the stream ended; set before full is closed

	filling []byte // used by the writer only
	block   []byte // used by the reader only
	rest    []byte // the unread part of block
}

var errReaderGone = errors.New("rows are no longer wanted")

// Write implements io.Writer for the connection.
func (q *blockQueue) Write(p []byte) (int, error) {
	if q.filling == nil {
		select {
		case q.filling = <-q.free:
		default:
			q.filling = make([]byte, 0, blockSize)
		}
	}
	q.filling = append(q.filling, p...)
	if len(q.filling) < blockSize {
		return len(p), nil
	}
	return len(p), q.send()
}

func (q *blockQueue) send() error {
	select {
	case q.full <- q.filling:
		q.filling = nil
		return nil
	case <-q.cancelled:
		return errReaderGone
	}
}

// finish closes the stream; err is nil at its regular end.
func (q *blockQueue) finish(err error) {
	if err != nil {
		q.err = fmt.Errorf("copy out: %w", err)
	} else if len(q.filling) > 0 {
		q.err = q.send()
	}
	close(q.full)
}

// Read implements io.Reader for the RowReader.
func (q *blockQueue) Read(p []byte) (int, error) {
	if len(q.rest) == 0 {
		if cap(q.block) > 0 {
			q.recycle()
		}
		block, ok := <-q.full
		if !ok {
			if q.err != nil {
				return 0, q.err
			}
			return 0, io.EOF
		}
		q.block, q.rest = block, block
	}
	n := copy(p, q.rest)
	q.rest = q.rest[n:]
	return n, nil
}

// recycle returns the reader's block to the writer, unless enough blocks are free.
func (q *blockQueue) recycle() {
	select {
	case q.free <- q.block[:0]:
	default:
	}
	q.block = nil
}

// copyHeader begins a binary COPY: signature, no flags, no extension.
var copyHeader = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// copyTrailer ends a binary COPY: a field count of −1.
var copyTrailer = []byte{0xff, 0xff}

// CopyRows runs sql, a COPY … FROM STDIN (FORMAT binary), with n rows: encode writes row
// i, for i from 0 to n−1, in a goroutine of its own. Nothing is sent where n is 0.
func CopyRows(ctx context.Context, tx pgx.Tx, sql string, n int, encode func(w *RowWriter, i int)) error {
	const block = 64 << 10
	if n == 0 {
		return nil
	}
	_, err := CopyInFunc(ctx, tx.Conn().PgConn(), sql, func(out io.Writer) error {
		var w RowWriter
		for i := range n {
			encode(&w, i)
			if w.Len() < block && i < n-1 {
				continue
			}
			if _, err := out.Write(w.Encoded()); err != nil {
				return err
			}
			w.Reset()
		}
		return nil
	})
	return err
}

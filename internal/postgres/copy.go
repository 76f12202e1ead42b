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

// CopyIn runs sql, a COPY … FROM STDIN (FORMAT binary), and feeds it the rows
// that r gives as RowWriter encodes them; CopyIn adds what stands before and
// after them. It returns the number of rows.
//
// The connection must be a transaction's own (tx.Conn().PgConn()), so that a COPY
// that fails leaves nothing. An error of r makes the COPY fail and is returned.
// When the COPY fails first, CopyIn waits for the Read in progress; if r has
// CloseWithError, as an io.PipeReader has, it is called before CopyIn returns, so
// that the writing side ends as well.
func CopyIn(ctx context.Context, conn *pgconn.PgConn, sql string, r io.Reader) (int64, error) {
	source := &sourceError{r: r}
	tag, err := conn.CopyFrom(ctx, io.MultiReader(bytes.NewReader(copyHeader), source, bytes.NewReader(copyTrailer)), sql)
	if closer, ok := r.(interface{ CloseWithError(error) error }); ok {
		_ = closer.CloseWithError(errors.Join(errCopyEnded, err))
	}
	if err := source.failure(); err != nil {
		return 0, err // rather than the server's answer to it
	}
	if err != nil {
		return 0, fmt.Errorf("copy in: %w", err)
	}
	return tag.RowsAffected(), nil
}

var errCopyEnded = errors.New("COPY has ended")

// sourceError keeps the error that r ended with. pgx reads in a goroutine of its own,
// which may still be at it when the connection is lost: hence the lock.
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

// CopyInFunc is CopyIn for rows that fill makes: it runs fill in a goroutine of
// its own while the server stores what was written before. fill writes whole
// rows, best some 64 KB at a time, and must return when a write fails; it must
// not use conn.
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
	blockSize = 256 << 10 // bytes handed from the connection to the reader at a time
	blocks    = 4         // how far the connection may be ahead of the reader
)

// CopyOut runs sql, a COPY … TO STDOUT (FORMAT binary), and calls read with its
// rows; the next rows are received while read works. Calls may be nested, on
// different connections, to merge two streams.
//
// An error of read ends the COPY at once and is returned; the connection is then
// closed and with it its transaction. An error of the COPY shows in the reader's
// Err, and is returned when read returns nil or that error.
func CopyOut(ctx context.Context, conn *pgconn.PgConn, sql string, read func(*RowReader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	queue := &blockQueue{full: make(chan []byte, blocks), free: make(chan []byte, blocks), unwanted: ctx.Done()}
	go func() {
		_, err := conn.CopyTo(ctx, queue, sql)
		queue.finish(err)
	}()
	defer func() {
		cancel()
		for range queue.full {
			continue // until CopyTo has let go of the connection
		}
	}()
	rows := NewRowReader(queue)
	if err := read(rows); err != nil {
		return err
	}
	for rows.Next() {
		continue // what read did not want, so that the connection can go on
	}
	return rows.Err()
}

// blockQueue carries a byte stream from a goroutine that writes small pieces to
// one that reads, in large blocks that are used again.
type blockQueue struct {
	full, free chan []byte
	unwanted   <-chan struct{} // closed when nobody reads any more
	err        error           // why the stream ended; set before full is closed

	filling []byte // the writer's
	block   []byte // the reader's
	rest    []byte // its unread part
}

var errUnwanted = errors.New("rows are no longer wanted")

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
	case <-q.unwanted:
		return errUnwanted
	}
}

// finish ends the stream with err, nil for its regular end.
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
			q.giveBack()
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

// giveBack lets the writer use the reader's block again, if it is not well off already.
func (q *blockQueue) giveBack() {
	select {
	case q.free <- q.block[:0]:
	default:
	}
	q.block = nil
}

// copyHeader is how a binary COPY begins: signature, no flags, no extension.
var copyHeader = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// copyTrailer is how it ends: a tuple of −1 fields.
var copyTrailer = []byte{0xff, 0xff}

// CopyRows runs a COPY … FROM STDIN (FORMAT binary) with what encode writes for 0 … n−1.
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

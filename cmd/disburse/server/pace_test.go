package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// TestSlowBodies: a body that hardly comes ends its connection soon, one that comes in
// time is read however long it takes, and the handler has its time afterwards.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	p := pace{silence: 300 * time.Millisecond, grace: 600 * time.Millisecond, rate: 10_000}
	server := httptest.NewServer(paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err == nil {
			time.Sleep(2 * p.silence) // longer than the body's deadline
			err = r.Context().Err()
		}
		fmt.Fprint(w, n)
		read <- err
	}), p))
	t.Cleanup(server.Close)
	send := func(size int, pause time.Duration, chunk string) {
		t.Helper()
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size)
		go func() {
			for sent := 0; sent < size; sent += len(chunk) {
				if _, err := io.WriteString(conn, chunk); err != nil {
					return
				}
				time.Sleep(pause)
			}
			_, _ = bufio.NewReader(conn).ReadString(0)
		}()
	}
	begun := time.Now()
	send(1000, 50*time.Millisecond, "a") // never silent, far below the rate
	if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("dripping: %v", err)
	}
	send(1000, time.Minute, "a")
	if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("took %s to give them up", took)
	}
	send(60_000, 30*time.Millisecond, strings.Repeat("a", 1500)) // some 1.2 s, twice the grace
	if err := <-read; err != nil {
		t.Errorf("in time: %v", err)
	}
}

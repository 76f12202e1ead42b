package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"disburse/internal/fault"
)

// Options change how the server is started. They have no effect on a server
// that another process has already started.
type Options struct {
	Settings  map[string]string // further server settings (postgres -c), over the defaults
	Log       func(string)      // told plain Chinese sentences about slow steps; may be nil
	Ephemeral bool              // the directory is removed when the server stops; for tests

	patience *patience // other than the usual one; for tests
}

// Server is a use of the running server by this process.
type Server struct {
	at      layout
	host    string   // directory of the socket, as this process can reach it
	users   *os.File // holds users.lock shared
	sockets *os.File // keeps host valid when it is a path of a descriptor, else nil

	once     sync.Once
	closeErr error
}

const (
	pollEvery   = 10 * time.Millisecond
	stopTimeout = 90 * time.Second // a fast shutdown writes out all dirty buffers
)

// Open makes sure that a private PostgreSQL runs on dir, which is created when
// missing, and attaches this process to it. It obeys ctx. All errors are faults
// in Chinese, save internal ones.
func Open(ctx context.Context, dir string, opts Options) (*Server, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("resolve data directory: %w", err)
	}
	if opts.Log == nil {
		opts.Log = func(string) {}
	}
	at := layout{abs}
	users, err := at.attach(ctx, opts.Log)
	if err != nil {
		return nil, err
	}
	s := &Server{at: at, users: users}
	if err := s.ready(ctx, opts); err != nil {
		release(users)
		return nil, err
	}
	if s.host, s.sockets, err = at.clientHost(); err != nil {
		release(users)
		return nil, err
	}
	return s, nil
}

// ready returns when the server accepts connections: it starts it, or waits for
// the process that is starting it.
func (s *Server) ready(ctx context.Context, opts Options) error {
	for {
		lock, err := s.at.tryLock(serverLock)
		if err == nil {
			err = start(ctx, s.at, lock, opts)
			lock.Close() // the keeper has its own copy
			return err
		}
		if !errors.Is(err, errLocked) {
			return err
		}
		if s.at.accepting() {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// URL is a connection string for the database "disburse" as its owner, who may do
// everything with it. It is valid in this process until Close.
func (s *Server) URL() string { return s.as(owner) }

// DailyURL is URL for daily work: a login that owns nothing. A cluster that was just made,
// or that an earlier program made, does not have it yet.
func (s *Server) DailyURL() string { return s.as(daily) }

func (s *Server) as(login string) string {
	q := url.Values{"host": {s.host}, "port": {socketPort}, "sslmode": {"disable"}}
	return "postgres://" + login + "@/" + database + "?" + q.Encode()
}

// Close ends this process's use of the server. The last one out stops it and
// returns when it has stopped.
func (s *Server) Close() error {
	s.once.Do(func() { s.closeErr = s.leave() })
	return s.closeErr
}

func (s *Server) leave() error {
	defer release(s.users)
	if s.sockets != nil {
		defer s.sockets.Close()
	}
	lock, err := os.OpenFile(s.at.path(serverLock), os.O_RDWR, 0)
	if err != nil {
		return nil // the directory was removed under us
	}
	defer release(lock)
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	for {
		// Exclusive means that we are the last: let go, for the keeper to take it.
		// Neither exclusive nor shared means that the keeper has it and is stopping.
		if flock(s.users, syscall.LOCK_EX) == nil {
			err = flock(s.users, syscall.LOCK_UN)
		} else if flock(s.users, syscall.LOCK_SH) == nil {
			return nil // others use the server
		}
		if err == nil {
			err = flock(lock, syscall.LOCK_EX)
		}
		if !errors.Is(err, errLocked) {
			return err // nil: the keeper has ended
		}
		if err = pause(ctx); err != nil {
			return fault.Wrap(err, fault.Internal, "数据库在 %s 内没有停下，请查看日志 %s", stopTimeout, s.at.path(logName))
		}
	}
}

// accepting reports whether the server is up: the socket first, because only a
// living postmaster answers there, and by then its pid file is its own.
func (at layout) accepting() bool {
	host, keep, err := at.clientHost()
	if err != nil {
		return false
	}
	if keep != nil {
		defer keep.Close()
	}
	conn, err := net.Dial("unix", filepath.Join(host, socketName))
	if err != nil {
		return false
	}
	conn.Close()
	pid, err := at.readPidFile()
	return err == nil && pid.ready
}

// pause waits one polling interval, or returns ctx's error.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pollEvery):
		return nil
	}
}

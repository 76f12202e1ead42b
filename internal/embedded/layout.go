package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"disburse/internal/fault"
)

// Names under the data directory, and of what is in the cluster.
const (
	clusterName = "pg"
	socketsName = "run"
	logName     = "server.log"
	usersLock   = "users.lock"
	serverLock  = "server.lock"
	clusterLock = "cluster.lock"

	socketPort = "5432" // only part of the socket's name
	socketName = ".s.PGSQL." + socketPort
	owner      = "disburse"       // the cluster's superuser: sets up and migrates
	daily      = "disburse_daily" // the login of all other work; made by whoever migrates
	database   = "disburse"

	maxSocketPath = 107 // bytes in sockaddr_un.sun_path, less the closing zero
)

// layout is a data directory, absolute.
type layout struct{ dir string }

func (at layout) path(name string) string { return filepath.Join(at.dir, name) }

// attach creates the directory and takes users.lock shared. It waits while a
// keeper is stopping the server.
func (at layout) attach(ctx context.Context, log func(string)) (*os.File, error) {
	told := false
	for {
		if err := at.create(); err != nil {
			return nil, err
		}
		f, err := at.openLock(usersLock)
		if errors.Is(err, os.ErrNotExist) {
			continue // an ephemeral directory was removed just now
		}
		if err != nil {
			return nil, err
		}
		err = flock(f, syscall.LOCK_SH)
		if err == nil && at.current(f, usersLock) {
			return f, nil
		}
		f.Close()
		if err != nil && !errors.Is(err, errLocked) {
			return nil, err
		}
		if !told && err != nil {
			log("正在等待另一个程序停止数据库…")
			told = true
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

// create makes the directory, closed to other users. One that exists is left as it is.
func (at layout) create() error {
	if err := os.MkdirAll(filepath.Dir(at.dir), 0o755); err != nil {
		return at.unusable(err)
	}
	if err := os.Mkdir(at.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return at.unusable(err)
	}
	info, err := os.Stat(at.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil // removed meanwhile; attach looks again
	}
	if err != nil {
		return at.unusable(err)
	}
	if !info.IsDir() {
		return fault.New(fault.Invalid, "数据目录 %s 不是目录，请用 --data 另指定一个", at.dir)
	}
	return nil
}

func (at layout) unusable(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fault.Wrap(err, fault.Denied, "当前用户无权使用数据目录 %s，请用建立它的用户（或 root）运行，或用 --data 另指定一个目录", at.dir)
	}
	return fault.Wrap(err, fault.Invalid, "不能使用数据目录 %s，请检查路径和磁盘，或用 --data 另指定一个目录", at.dir)
}

var errLocked = errors.New("locked by another process")

// flock does how (LOCK_SH, LOCK_EX or LOCK_UN) without waiting.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch err {
		case nil:
			return nil
		case syscall.EINTR:
		case syscall.EWOULDBLOCK:
			return errLocked
		default:
			return fmt.Errorf("lock %s: %w", f.Name(), err)
		}
	}
}

// release unlocks and closes f. Closing alone is not enough while a child that
// this process has forked, and that has not yet become another program, holds f too.
func release(f *os.File) {
	_ = flock(f, syscall.LOCK_UN)
	f.Close()
}

// openLock opens a lock file. Made by root it is given to the server's account,
// so that the same directory can be used by that account directly.
func (at layout) openLock(name string) (*os.File, error) {
	f, err := os.OpenFile(at.path(name), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, at.unusable(err)
	}
	acc, err := at.account()
	if err == nil {
		err = acc.give(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// tryLock opens a lock file and takes it exclusively, or returns errLocked.
func (at layout) tryLock(name string) (*os.File, error) {
	f, err := at.openLock(name)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// current reports whether f is still the file of that name: an ephemeral
// directory may have been removed and made again while we waited.
func (at layout) current(f *os.File, name string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(at.path(name))
	return err == nil && os.SameFile(mine, now)
}

// clientHost returns the socket's directory as a path short enough for a
// socket's name, and the descriptor the path goes through, if any.
func (at layout) clientHost() (string, *os.File, error) {
	dir := at.path(socketsName)
	if len(filepath.Join(dir, socketName)) <= maxSocketPath {
		return dir, nil, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, at.unusable(err)
	}
	return fmt.Sprintf("/proc/self/fd/%d", f.Fd()), f, nil
}

// pidFile is what postmaster.pid says.
type pidFile struct {
	pid     int
	cluster string // the directory as the server was told it
	ready   bool
}

func (at layout) readPidFile() (pidFile, error) {
	text, err := os.ReadFile(filepath.Join(at.path(clusterName), "postmaster.pid"))
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return pidFile{}, fmt.Errorf("read postmaster.pid: %w", err)
	}
	const clusterLine, statusLine = 1, 7 // the second, and since PostgreSQL 10 the eighth
	p := pidFile{pid: pid}
	if len(lines) > clusterLine {
		p.cluster = lines[clusterLine]
	}
	p.ready = len(lines) > statusLine && strings.TrimSpace(lines[statusLine]) == "ready"
	return p, nil
}

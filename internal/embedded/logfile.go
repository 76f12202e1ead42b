package embedded

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
)

const maxLog = 4 << 20 // bytes of server.log before it becomes server.log.1

// boundedLog appends to the log file and keeps one file before it. Postgres
// writes through a pipe, so its backends never hold the file that was renamed.
type boundedLog struct {
	at   layout
	acc  account
	file *os.File
	size int64

	mu   sync.Mutex
	line string // the last one written
}

// openLog opens the log and returns also the pipe that postgres writes into.
func openLog(at layout, acc account) (*boundedLog, *os.File, error) {
	l := &boundedLog{at: at, acc: acc}
	if err := l.open(); err != nil {
		return nil, nil, err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make pipe to log: %w", err)
	}
	go func() {
		// A full disk must not block postgres: then the log has a gap.
		_, _ = io.Copy(l, out)
	}()
	return l, in, nil
}

func (l *boundedLog) open() error {
	f, err := os.OpenFile(l.at.path(logName), os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return l.at.unusable(err)
	}
	if err := l.acc.give(f); err != nil {
		f.Close()
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return fmt.Errorf("look at log: %w", err)
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write implements io.Writer; it never fails, so that the pipe is always read.
func (l *boundedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = lastLine(string(p))
	if l.size+int64(len(p)) > maxLog {
		l.rotate()
	}
	n, _ := l.file.Write(p)
	l.size += int64(n)
	return len(p), nil
}

func (l *boundedLog) rotate() {
	name := l.at.path(logName)
	if os.Rename(name, name+".1") != nil {
		return
	}
	old := l.file
	if l.open() == nil {
		old.Close()
	}
}

// last returns the last line that was logged, without its time.
func (l *boundedLog) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, mark := range []string{"FATAL:", "ERROR:", "LOG:"} {
		if i := strings.Index(l.line, mark); i >= 0 {
			return strings.TrimSpace(l.line[i+len(mark):])
		}
	}
	return l.line
}

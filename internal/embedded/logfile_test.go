package embedded

import (
	"bytes"
	"os"
	"testing"
)

func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	at := layout{t.TempDir()}
	acc, err := at.account()
	if err != nil {
		t.Fatal(err)
	}
	l := &boundedLog{at: at, acc: acc}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	chunk := append(bytes.Repeat([]byte("x"), 1<<20-1), '\n')
	for range 11 {
		if _, err := l.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = l.Write([]byte("2026-11-23 CST [7] FATAL:  no space left\n"))
	if got := l.last(); got != "no space left" {
		t.Errorf("last line %q", got)
	}
	for _, name := range []string{logName, logName + ".1"} {
		info, err := os.Stat(at.path(name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() > maxLog || info.Size() < 1<<20 {
			t.Errorf("%s has %d bytes", name, info.Size())
		}
	}
}

package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestNew(t *testing.T) {
	t.Parallel()
	err := New(Invalid, "第 %d 行有误", 3)
	if err.Error() != "第 3 行有误" {
		t.Errorf("sentence is %q", err)
	}
	if errors.Unwrap(err) != nil {
		t.Errorf("cause is %v", errors.Unwrap(err))
	}
}

// TestWrapKeepsTheCauseFromStaff: the sentence is all that is shown, the cause is still there.
func TestWrapKeepsTheCauseFromStaff(t *testing.T) {
	t.Parallel()
	err := Wrap(fs.ErrPermission, Refused, "文件“%s”写不进去", "a.xlsx")
	if err.Error() != "文件“a.xlsx”写不进去" {
		t.Errorf("sentence is %q", err)
	}
	if !errors.Is(err, fs.ErrPermission) {
		t.Error("the cause is lost")
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	denied := New(Denied, "无权操作")
	tests := []struct {
		name string
		err  error
		want Code
	}{
		{"fault", denied, Denied},
		{"wrapped", fmt.Errorf("submit batch: %w", denied), Denied},
		{"joined", errors.Join(fs.ErrClosed, denied), Denied},
		{"fault within a fault", Wrap(denied, NotFound, "找不到"), NotFound},
		{"other error", fs.ErrNotExist, Internal},
		{"none", nil, Internal},
	}
	for _, tt := range tests {
		if got := CodeOf(tt.err); got != tt.want {
			t.Errorf("%s: CodeOf is %s, want %s", tt.name, got, tt.want)
		}
		if got := Is(tt.err, tt.want); got != (tt.want != Internal) {
			t.Errorf("%s: Is(%s) is %v", tt.name, tt.want, got)
		}
	}
	if Is(denied, Invalid) {
		t.Error("a fault has a code it has not")
	}
	if !Is(Wrap(nil, Internal, "程序内部错误"), Internal) {
		t.Error("an internal fault does not say so")
	}
}

// TestCommand: what does it on the command line stands beside the sentence, not in it.
func TestCommand(t *testing.T) {
	t.Parallel()
	err := Command(New(NotFound, "还没有计算"), "disburse run %s", "2026-10")
	var f *Fault
	if !errors.As(err, &f) || f.Command != "disburse run 2026-10" || f.Error() != "还没有计算" || f.Code != NotFound {
		t.Errorf("%+v", err)
	}
	if got := Command(fs.ErrClosed, "disburse run"); got != fs.ErrClosed {
		t.Errorf("another error became %v", got)
	}
}

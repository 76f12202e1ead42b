package kit

import (
	"context"
	"errors"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/policy/packfile"
)

// CauseOf is the text of what led to a fault, in one line; empty where there is none.
func CauseOf(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Cause == nil {
		return ""
	}
	return oneLine(f.Cause.Error())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Sentence makes of any error what staff can read. What is not a fault is a defect: its
// text goes behind the sentence, in one line, for those who maintain the program.
func Sentence(ctx context.Context, err error) string {
	var f *fault.Fault
	var problems packfile.Problems
	switch {
	case errors.As(err, &f) && f.Command != "":
		return f.Sentence + "（" + f.Command + "）"
	case errors.As(err, &f):
		return f.Sentence
	case errors.As(err, &problems):
		return problems.Error()
	case ctx.Err() != nil:
		return "已中断，没有留下任何改动"
	}
	return "程序内部错误，没有完成；请把这段文字交给维护人员：" + oneLine(err.Error())
}

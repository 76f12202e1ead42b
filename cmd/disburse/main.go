// Command disburse pays what a district's list of elderly-care entitlements grants:
// roster in, month computed, signed, sheets and bank files out.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"disburse/internal/fault"
	"disburse/internal/policy"
)

// Exit statuses (interface.md).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// execute runs one command and says in one sentence what went wrong, if anything.
func execute(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var wrong usageError
	if errors.As(err, &wrong) {
		fmt.Fprintln(os.Stderr, wrong.Error())
		return exitUsage
	}
	fmt.Fprintln(os.Stderr, sentence(ctx, err))
	return exitFailed
}

// sentence makes of any error what staff can read. What is not a fault is a defect
// or a broken machine; its text goes behind the sentence for those who maintain it.
func sentence(ctx context.Context, err error) string {
	var f *fault.Fault
	var problems policy.Problems
	switch {
	case errors.As(err, &f):
		if f.Code == fault.Internal && f.Cause != nil {
			return f.Sentence + "（" + f.Cause.Error() + "）"
		}
		return f.Sentence
	case errors.As(err, &problems):
		return problems.Error()
	case ctx.Err() != nil:
		return "已中断，没有留下任何改动"
	}
	return "程序内部错误，没有完成；请把这段文字交给维护人员：" + err.Error()
}

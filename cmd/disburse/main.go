// Command disburse pays what a district's list of elderly-care entitlements grants:
// roster in, month computed, signed, sheets and bank files out.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode/utf8"

	"disburse/internal/fault"
	"disburse/internal/policy/packfile"
)

// Exit statuses (docs/interface.md §1.1).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, processTerminal(), os.Args[1:])
	stop()
	os.Exit(code)
}

// execute runs one command and says in one sentence what went wrong, if anything.
func execute(ctx context.Context, t terminal, args []string) int {
	root := newRoot(t)
	root.SetArgs(args)
	err := readableArgs(args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return exitDone
	}
	var wrong usageError
	if errors.As(err, &wrong) {
		t.tell(wrong.Error())
		return exitUsage
	}
	t.tell(sentence(ctx, err))
	if cause := causeOf(err); cause != "" && t.getenv(causeEnv) != "" {
		t.tell("原因：" + cause)
	}
	return exitFailed
}

// readableArgs refuses arguments that are no text: no name or reason of them could be kept.
func readableArgs(args []string) error {
	for i, a := range args {
		if !utf8.ValidString(a) || strings.Contains(a, "\x00") {
			return usage("第 %d 个参数“%s”里有不能识别的字符，请在 UTF-8 的终端里重新输入", i+1, strings.ToValidUTF8(a, "�"))
		}
	}
	return nil
}

// causeEnv, set to anything, adds a line with what led to a refusal, in the words of the
// machine: those who maintain it run the command again with it. Staff read the sentence.
const causeEnv = "DISBURSE_CAUSE"

// causeOf is the text of what led to a fault, in one line; empty where there is none.
func causeOf(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Cause == nil {
		return ""
	}
	return oneLine(f.Cause.Error())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// sentence makes of any error what staff can read. What is not a fault is a defect: its
// text goes behind the sentence, in one line, for those who maintain the program.
func sentence(ctx context.Context, err error) string {
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

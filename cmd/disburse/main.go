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

	"disburse/cmd/disburse/kit"
)

// Exit statuses (docs/interface.md §1.1).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, kit.ProcessTerminal(), os.Args[1:])
	stop()
	os.Exit(code)
}

// execute runs one command and says in one sentence what went wrong, if anything.
func execute(ctx context.Context, t kit.Terminal, args []string) int {
	root := newRoot(t)
	root.SetArgs(args)
	err := readableArgs(args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return exitDone
	}
	var wrong kit.UsageError
	if errors.As(err, &wrong) {
		t.Tell(wrong.Error())
		return exitUsage
	}
	t.Tell(kit.Sentence(ctx, err))
	if cause := kit.CauseOf(err); cause != "" && t.Getenv(causeEnv) != "" {
		t.Tell("原因：" + cause)
	}
	return exitFailed
}

// readableArgs refuses arguments that are no text: no name or reason of them could be kept.
func readableArgs(args []string) error {
	for i, a := range args {
		if !utf8.ValidString(a) || strings.Contains(a, "\x00") {
			return kit.Usage("第 %d 个参数“%s”里有不能识别的字符，请在 UTF-8 的终端里重新输入", i+1, strings.ToValidUTF8(a, "�"))
		}
	}
	return nil
}

// causeEnv, set to anything, adds a line with what led to a refusal, in the words of the
// machine: those who maintain it run the command again with it. Staff read the sentence.
const causeEnv = "DISBURSE_CAUSE"

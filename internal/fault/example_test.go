package fault_test

import (
	"errors"
	"fmt"
	"io/fs"

	"disburse/internal/fault"
)

// A fault is what staff may read: one sentence that says what is wrong, where and what to
// do. The cause is for the log.
func ExampleWrap() {
	cause := &fs.PathError{Op: "open", Path: "花名册.xlsx", Err: fs.ErrNotExist}
	err := fault.Wrap(cause, fault.NotFound, "没有文件 %s，请检查文件名", "花名册.xlsx")
	fmt.Println(err)
	fmt.Println(fault.CodeOf(err), errors.Is(err, fs.ErrNotExist))
	// Output:
	// 没有文件 花名册.xlsx，请检查文件名
	// notfound true
}

// Errors gather context on their way up; the code of the fault within decides what the
// program answers. Any other error is internal, and staff see a general sentence.
func ExampleCodeOf() {
	refused := fault.New(fault.Refused, "批次已经审批，不能再改")
	fmt.Println(fault.CodeOf(fmt.Errorf("sign: %w", refused)))
	fmt.Println(fault.CodeOf(errors.New("connection reset")))
	// Output:
	// refused
	// internal
}

// A sentence names no command, because pages show it too; the command line adds one.
func ExampleCommand() {
	err := fault.Command(fault.New(fault.Refused, "规则包还没有采用"), "disburse policy adopt")
	fmt.Println(err)
	var f *fault.Fault
	if errors.As(err, &f) {
		fmt.Println(f.Command)
	}
	// Output:
	// 规则包还没有采用
	// disburse policy adopt
}

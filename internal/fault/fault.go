// Package fault is the one error type that reaches people. A fault carries a
// code, for the program's exit status and a page's HTTP status, and one Chinese
// sentence that says what is wrong, where, and what to do about it. Any other
// error is internal: it is logged, and staff see a general sentence instead.
package fault

import (
	"errors"
	"fmt"
)

// Code says what kind of thing went wrong.
type Code string

// The codes.
const (
	Invalid  Code = "invalid"  // input that cannot be accepted as it is
	NotFound Code = "notfound" // what was asked for is not there
	Refused  Code = "refused"  // not allowed in the present state
	Denied   Code = "denied"   // not allowed to this user
	Internal Code = "internal" // a defect or a broken machine
)

// Fault is an error with a sentence for staff.
type Fault struct {
	Code     Code
	Sentence string // one Chinese sentence: what, where, what to do
	Command  string // what does it on the command line, which alone shows it; may be empty
	Cause    error  // for the log; may be nil
}

// Error returns the sentence alone: the cause is for logs, not for staff.
func (f *Fault) Error() string { return f.Sentence }

// Unwrap gives errors.Is and errors.As the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// New makes a fault from a sentence.
func New(code Code, format string, args ...any) error {
	return &Fault{Code: code, Sentence: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault from a sentence and the error that led to it.
func Wrap(cause error, code Code, format string, args ...any) error {
	return &Fault{Code: code, Sentence: fmt.Sprintf(format, args...), Cause: cause}
}

// Command adds to a fault what does it on the command line, where the sentence holds for
// pages too. Any other error stays as it is.
func Command(err error, format string, args ...any) error {
	var f *Fault
	if !errors.As(err, &f) {
		return err
	}
	with := *f
	with.Command = fmt.Sprintf(format, args...)
	return &with
}

// CodeOf returns the code of the first fault in err's chain, Internal if there is none.
func CodeOf(err error) Code {
	var f *Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return Internal
}

// Is reports whether err carries a fault of the code.
func Is(err error, code Code) bool {
	var f *Fault
	return errors.As(err, &f) && f.Code == code
}

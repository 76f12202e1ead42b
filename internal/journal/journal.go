// Package journal has the words of revisions and of the audit chain (审计链).
//
// Everything that changes knowledge or money takes the next revision (修订) of its
// region and leaves one Entry. The entries of a region form a chain: each is hashed
// together with the hash before it, so no entry can be altered, taken out or slipped
// in without changing every later hash. The chain has no key: it proves nothing
// against somebody who can rewrite the whole database, unless its head is also on
// paper. Hence the head is printed on signature pages and in the manifest.
package journal

import (
	"strings"
	"time"
)

// By says who does something, from where, when and why. The time comes from the
// caller: nothing below cmd and jobs reads a clock.
type By struct {
	Actor  string    // a user of the program, or os:NAME
	Origin string    // the host it is done from
	At     time.Time // for display; order is the revision's business
	Reason string    // empty where none is asked for
}

// Entry is one entry of the journal: what became known or was paid at a revision.
type Entry struct {
	Region  int32 // six-digit division code (行政区划代码)
	Rev     int64 // from 1, without a gap
	At      time.Time
	Actor   string
	Origin  string
	Action  string // what was done, in Chinese: 导入花名册
	Subject string // to what: a file name, a batch, a person
	Reason  string
	Digest  string // hex SHA-256 of what was done: rows, lines, a file
	Summary string // counts and sums, for people

	// The next three are found out while the entry is appended, from the rows themselves.
	Rows   string // RowsDigest of what the revision wrote; empty: no rows
	Before string // digest of what was known before of everything restated; empty: nothing was restated
	After  string // of the same as known from now on
}

// Signed returns the entry with By's part filled in.
func (e Entry) Signed(by By) Entry {
	e.Actor, e.Origin, e.At, e.Reason = by.Actor, by.Origin, by.At, by.Reason
	return e
}

// AsStored returns the entry as a database gives it back: the time in UTC to the
// microsecond, and texts without what PostgreSQL cannot hold (broken UTF-8, NUL), which
// the name of a file or of a host may contain. Hash an entry only in this form, or
// it would never verify.
func (e Entry) AsStored() Entry {
	e.At = time.UnixMicro(e.At.UnixMicro()).UTC()
	for _, s := range e.texts() {
		*s = strings.ReplaceAll(strings.ToValidUTF8(*s, "\uFFFD"), "\x00", "\uFFFD")
	}
	return e
}

// texts returns the entry's texts in the order in which they are hashed.
func (e *Entry) texts() []*string {
	return []*string{&e.Actor, &e.Origin, &e.Action, &e.Subject, &e.Reason, &e.Digest, &e.Summary, &e.Rows, &e.Before, &e.After}
}

// Operator reports whether a person of the operating system acts, at the command line of a
// machine that reaches the data. No user of the program has a colon in the name.
func (b By) Operator() bool { return strings.HasPrefix(b.Actor, "os:") }

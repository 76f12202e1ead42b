package journal

import (
	"crypto/sha256"
	"time"
)

// The actions of the access log.
const (
	Viewed   = "查看" // full numbers were shown
	Exported = "导出" // they were written to files, or downloaded
	Restored = "恢复" // they came into this database out of a backup
)

// Access is one entry of the access log (访问记录): who looked at full ID or account
// numbers, or took them away. It never holds such a number: Person is the roster's
// surrogate, which the roster resolves.
type Access struct {
	Region  int32
	N       int64 // 1 … without a gap
	At      time.Time
	Actor   string
	Origin  string
	Action  string // Viewed, Exported or Restored
	Subject string // what was shown or written: 待遇说明, 花名册
	Person  int64  // whom it is about; 0: not one person
	Scope   string // month, bureau, name of the file
	Sealed  int64  // revision of the seal that covers it; 0: none yet
}

// AccessHash is the hash of an entry of the access log that follows the entry with the
// previous hash (Genesis for the first): SHA-256 over V2 and "access", the previous hash,
// region, number, time and person, and the texts actor, origin, action, subject and scope,
// encoded as in an entry of the chain. It depends on the time to the microsecond.
func AccessHash(previous []byte, a *Access) []byte {
	b := appendText(nil, V2+" access")
	b = appendText(b, string(previous))
	for _, n := range []int64{int64(a.Region), a.N, a.At.UnixMicro(), a.Person} {
		b = appendNumber(b, n)
	}
	for _, s := range []string{a.Actor, a.Origin, a.Action, a.Subject, a.Scope} {
		b = appendText(b, s)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Link is one entry of the chain with what it was hashed to.
type Link struct {
	Entry
	Algorithm string
	Hash      []byte
}

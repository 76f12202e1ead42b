package journal

import "time"

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

// Link is one entry of the chain with what it was hashed to.
type Link struct {
	Entry
	Algorithm string
	Hash      []byte
}

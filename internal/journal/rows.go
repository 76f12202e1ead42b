package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// Rows is the digest of the rows that one revision wrote into one table.
type Rows struct {
	Table  string
	Count  int64  // at least 1
	Digest string // hex SHA-256, see RowSum
	Marks  string // hex SHA-256 over what names the rows, as it is kept: their keys and the beginnings of their hashes
}

// RowSum makes the digest of a table's rows at a revision, or of what is known from it.
//
// It is SHA-256 over: a word for its use, the table's name, and the SHA-256 of each row,
// rows in the order of their key. A row is hashed as PostgreSQL's binary COPY writes it:
// the number of fields in 2 bytes, then each field as its length in 4 bytes (−1: null)
// and its value. Its fields are the key without region and revision, then the other
// columns; region and revision are the entry's own. So the same knowledge has the same
// digest at whichever revision it is stated.
type RowSum struct {
	sum   hash.Hash
	count int64
}

// NewRowSum begins a digest. use tells apart digests for different uses.
func NewRowSum(use, table string) *RowSum {
	s := &RowSum{sum: sha256.New()}
	s.sum.Write(appendText(appendText(nil, V2+" "+use), table))
	return s
}

// Add adds the next row's SHA-256.
func (s *RowSum) Add(row *[sha256.Size]byte) {
	s.sum.Write(row[:])
	s.count++
}

// Count returns how many rows there were.
func (s *RowSum) Count() int64 { return s.count }

// Hex returns the digest.
func (s *RowSum) Hex() string { return hex.EncodeToString(s.sum.Sum(nil)) }

// RowsDigest returns what an entry keeps of the rows of its revision: hex SHA-256 over
// the tables' digests in the order given (by name); "" where there are none.
func RowsDigest(tables []Rows) string {
	if len(tables) == 0 {
		return ""
	}
	b := appendText(nil, V2+" rows")
	for _, t := range tables {
		b = appendText(b, t.Table)
		b = appendNumber(b, t.Count)
		b = appendText(b, t.Digest)
		b = appendText(b, t.Marks)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

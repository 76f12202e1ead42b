// Package backup is the file that a whole database goes into (备份) and comes back from:
// its layout, its check sums and its encryption. It knows no SQL; internal/postgres fills
// and empties it.
//
// A file is a preamble and chunks, each with a tag of its own (chunk.go); an encrypted one
// is a preamble and an age file that holds such a file (encrypt.go). What the chunks carry
// is one compressed stream of records: a Header, then table after table as the database
// copies it out, then a Trailer with what must have arrived. So it is written and read from
// front to back, in little memory, however large it is.
package backup

import "time"

// Header says what the file holds, before any row.
type Header struct {
	Written   time.Time   `json:"written"` // by the clock of the one who wrote it
	Server    string      `json:"server"`  // PostgreSQL's version
	Schema    []Migration `json:"schema"`  // all that were applied
	Tables    []Table     `json:"tables"`  // each before those that refer to it
	Sequences []Sequence  `json:"sequences,omitempty"`
	Regions   []Region    `json:"regions"`
}

// Migration is one applied change of the schema.
type Migration struct {
	Version int    `json:"version"`
	Name    string `json:"name"`
	SHA256  string `json:"sha256"` // hex, of its file
}

// Table is one table as it is copied, without generated columns.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// Column is a column with its type as the server names it.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Sequence is where a number series stands.
type Sequence struct {
	Name   string `json:"name"`
	Last   int64  `json:"last"`
	Called bool   `json:"called"` // whether Last has been given out
}

// Region is one district with the head of its audit chain (链头).
type Region struct {
	Region int32  `json:"region"`
	Name   string `json:"name"`
	Head   int64  `json:"head"` // the last revision
	Hash   string `json:"hash"` // of its journal entry, hex
}

// Trailer says what must have arrived.
type Trailer struct {
	Tables   []Copied  `json:"tables"` // in the header's order
	Controls []Control `json:"controls"`
}

// Copied is what went out of a table.
type Copied struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // hex, of the rows as they are in the file
}

// Control are the sums of one region (控制总数).
type Control struct {
	Region   int32  `json:"region"`
	People   int64  `json:"people"`
	Entries  int64  `json:"entries"`  // of the ledger
	Settled  string `json:"settled"`  // 分, their sum
	Balances string `json:"balances"` // hex SHA-256 over every person's, item's, payee's and month's sum
	Payments int64  `json:"payments"`
	Paid     string `json:"paid"` // 分, their sum
}

// SchemaVersion is the number of the last migration, 0 where there is none.
func (h *Header) SchemaVersion() int {
	if len(h.Schema) == 0 {
		return 0
	}
	return h.Schema[len(h.Schema)-1].Version
}

// Rows is how many rows all tables have.
func (t *Trailer) Rows() int64 {
	var rows int64
	for _, c := range t.Tables {
		rows += c.Rows
	}
	return rows
}

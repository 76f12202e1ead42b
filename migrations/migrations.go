// Package migrations holds the database's schema as numbered SQL files
// (0001_core.sql, 0002_…), embedded into the program. A file that has been
// released is never changed: internal/postgres compares its checksum with the
// one that was applied. Files grant to the role disburse_app what it needs.
package migrations

import "embed"

// FS holds the files.
//
//go:embed *.sql
var FS embed.FS

// Package monthly has the commands of a month: run, lines, checks, decide, changes, the
// signatures and verify.
package monthly

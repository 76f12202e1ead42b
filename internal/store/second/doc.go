// Package second reads what the judge, the second computation, needs, by queries of its
// own.
package second

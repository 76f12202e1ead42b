// Package worklists writes the lists that staff work through: results of a match
// (比对), findings to decide about (疑点), which it also reads again, and the effect
// of a pack.
package worklists

// Package batch has the pages of one batch: overview, lines, checks and decisions,
// files, signatures.
package batch

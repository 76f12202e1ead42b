// Package batch has the pages of one batch: overview, lines, checks and decisions, changes
// since the previous month, files, signatures. They answer from an in-memory index of the
// batch's lines; internal/office does what they order.
package batch

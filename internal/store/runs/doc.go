// Package runs computes a month's batches over everybody and stores them; it also finds
// for other packages what is due, held and known at a revision.
package runs

// Package runs computes a month's batches (one per bureau) over everybody on the roster and
// stores them; other packages reuse its readers of what is due, held and known as of a
// revision. It signs and pays nothing: that is package signing.
package runs

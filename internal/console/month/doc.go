// Package month has the pages of the month: what is to be done, how each bureau's batch
// stands, and the run.
package month

// Package reporttest makes up batches for tests and reads the workbooks that are written
// from them.
package reporttest

// Package backups writes the whole database into one file and restores it into an empty
// one.
package backups

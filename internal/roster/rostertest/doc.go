// Package rostertest has workbooks and people for tests of reading and writing rosters.
package rostertest

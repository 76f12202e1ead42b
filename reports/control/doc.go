// Package control adds up what reports write (控制总数) and holds it, and the order
// of its rows, to what was signed.
package control

// Package kit is what all commands share: the flags and the database behind one command
// (App), the terminal that it reads and writes, the region it is about, who asks, and
// how tables are printed.
package kit

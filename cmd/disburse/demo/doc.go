// Package demo has the command demo: the whole way from made-up people to files on a
// database of its own.
package demo

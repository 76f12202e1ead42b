// Package server has the command serve: the console and the calendar's jobs on one
// address.
package server

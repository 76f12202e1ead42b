// Package monthly is what staff do with a month: compute it, look at its lines, lists
// and checks, decide, sign, verify.
package monthly

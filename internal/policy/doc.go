// Package policy compiles a rule pack and grants by it: a pure function of pack, person
// and month, which it can also explain.
package policy

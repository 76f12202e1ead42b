// Package bankfiles makes bank files: the payments of a file in the form that its bank
// loads.
package bankfiles

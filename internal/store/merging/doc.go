// Package merging merges two records of one person (合并): identity, ledger, write-offs, pending
// requests and instalment plans. Lookups that follow a merge are in package people.
package merging

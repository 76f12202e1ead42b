// Package merging joins two records of one person (合并) with their money, accounts
// and instalments.
package merging

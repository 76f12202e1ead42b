// Package people has the pages that search, show and change people, and those of account
// requests. Every change needs a document and is tried before it is registered.
package people

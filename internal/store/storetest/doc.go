// Package storetest is what tests of the store share: a district with people, batches
// and users on a real PostgreSQL.
package storetest

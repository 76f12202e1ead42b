// Package storetest has the fixtures that tests of the store share: a district with people,
// batches and users on a real PostgreSQL. Only tests import it.
package storetest

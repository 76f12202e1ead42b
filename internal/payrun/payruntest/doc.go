// Package payruntest has packs, plans and people for tests of computing and of
// explaining.
package payruntest

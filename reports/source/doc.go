// Package source is what reports are written from: a bureau's batch (Issue), the rows
// behind it (Rows), and the names and order that the policy pack gives them (Catalogue).
package source

// Package admin is what those who run the system do: audit, seal the access log, back up
// and restore.
package admin

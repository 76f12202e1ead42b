// Package backups dumps all tables of the database into a backup file and restores them into an
// empty database. The file's format and encryption are package backup.
package backups

package admin

import (
	"context"
	"path/filepath"

	"disburse/internal/backup"
	"disburse/internal/journal"
	"disburse/internal/store/backups"
	"disburse/migrations"
)

// BackupOrder asks for the whole database in one file.
type BackupOrder struct {
	File     string
	Password string     // encrypts it; empty: none
	By       journal.By // who takes it; the access log says so
	// URL reaches the database, once the file is known to be writable.
	URL  func(context.Context) (string, error)
	Tell func(what string) // told in Chinese what is being done
}

// BackedUp is what a backup holds, with the sums that a restored database must come to.
type BackedUp struct {
	Header  *backup.Header
	Trailer *backup.Trailer
	Size    int64
	SHA256  string // hex, of the file
}

// Backup writes the database into a file. It does not migrate: before an upgrade, the new
// program backs up what the old one made.
func Backup(ctx context.Context, x *BackupOrder) (*BackedUp, error) {
	w, err := backup.Create(x.File, x.Password)
	if err != nil {
		return nil, err
	}
	defer w.Discard()
	url, err := x.URL(ctx)
	if err != nil {
		return nil, err
	}
	b := &BackedUp{}
	if b.Header, b.Trailer, err = backups.Backup(ctx, url, w, x.By, filepath.Base(x.File), x.Tell); err != nil {
		return nil, err
	}
	b.Size, b.SHA256, err = w.Finish(b.Trailer)
	return b, err
}

// RestoreOrder asks for a backup to be put into an empty database.
type RestoreOrder struct {
	File     string
	Password string     // of an encrypted backup
	By       journal.By // who puts it there; the access log says so
	// URL reaches the database, once the whole file was looked through.
	URL  func(context.Context) (string, error)
	Tell func(what string) // told in Chinese what is being done
}

// Restore puts a backup into an empty database, and compares before it commits.
func Restore(ctx context.Context, x *RestoreOrder) (*BackedUp, error) {
	if _, _, err := backup.Check(x.File, x.Password); err != nil {
		return nil, err
	}
	in, err := backup.Open(x.File, x.Password)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	url, err := x.URL(ctx)
	if err != nil {
		return nil, err
	}
	trailer, err := backups.Restore(ctx, url, migrations.FS, in, x.By, filepath.Base(x.File), x.Tell)
	return &BackedUp{Header: in.Header(), Trailer: trailer}, err
}

package filing

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/xuri/excelize/v2"

	"disburse/reports/workbook"
)

// Stage writes files under temporary names and gives them their own all at once, so
// that a failure leaves nothing, and what was there before stays.
type Stage struct {
	Dir      string
	password string
	mu       sync.Mutex
	made     []string // folders made here, outer ones first
	files    [][2]string
}

// NewStage makes the folder. Personal data is in it, so it is the user's alone.
func NewStage(dir, password string) (*Stage, error) {
	s := &Stage{Dir: dir, password: password}
	var missing []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
			break
		}
		missing = append(missing, at)
	}
	slices.Reverse(missing)
	for _, at := range missing {
		if err := os.Mkdir(at, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			s.Discard()
			return nil, fmt.Errorf("make folder: %w", err)
		}
		s.made = append(s.made, at)
	}
	return s, nil
}

// Add writes a workbook that will be named rel, and returns its SHA-256. The book is
// closed.
func (s *Stage) Add(ctx context.Context, book *workbook.Book, rel string) (sum string, err error) {
	defer func() {
		if e := book.Close(); err == nil && e != nil {
			err = fmt.Errorf("close workbook: %w", e)
		}
	}()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return s.Write(rel, func(w io.Writer) error { return s.encrypt(w, book) })
}

// encrypt writes the workbook, behind the password if there is one. Encryption needs
// the whole file in memory.
func (s *Stage) encrypt(w io.Writer, book *workbook.Book) error {
	if s.password == "" {
		return book.Write(w)
	}
	var plain bytes.Buffer
	if err := book.Write(&plain); err != nil {
		return err
	}
	locked, err := excelize.Encrypt(plain.Bytes(), &excelize.Options{Password: s.password})
	if err != nil {
		return fmt.Errorf("encrypt workbook: %w", err)
	}
	_, err = w.Write(locked)
	return err
}

// Write writes a file under a temporary name beside its own.
func (s *Stage) Write(rel string, content func(io.Writer) error) (string, error) {
	path := filepath.Join(s.Dir, rel)
	s.mu.Lock()
	if folder := filepath.Dir(path); folder != s.Dir && !slices.Contains(s.made, folder) {
		if err := os.Mkdir(folder, 0o700); err == nil {
			s.made = append(s.made, folder)
		} else if !errors.Is(err, os.ErrExist) {
			s.mu.Unlock()
			return "", fmt.Errorf("make folder: %w", err)
		}
	}
	s.mu.Unlock()
	f, err := os.CreateTemp(filepath.Dir(path), ".disburse-*.tmp") // mode 0600
	if err != nil {
		return "", fmt.Errorf("make file: %w", err)
	}
	s.mu.Lock()
	s.files = append(s.files, [2]string{f.Name(), path})
	s.mu.Unlock()
	hash := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, hash), 256<<10)
	err = content(out)
	for _, step := range []func() error{out.Flush, f.Sync, f.Close} {
		if e := step(); err == nil {
			err = e
		}
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", rel, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Commit gives all files their names.
func (s *Stage) Commit() error {
	folders := map[string]bool{}
	for _, f := range s.files {
		if err := os.Rename(f[0], f[1]); err != nil {
			return fmt.Errorf("name file: %w", err)
		}
		folders[filepath.Dir(f[1])] = true
	}
	s.files, s.made = nil, nil
	for folder := range folders {
		if err := syncFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder makes names last through a power cut.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// Discard takes everything away that commit has not named, folders too.
func (s *Stage) Discard() {
	for _, f := range s.files {
		_ = os.Remove(f[0])
	}
	for _, folder := range slices.Backward(s.made) {
		_ = os.Remove(folder) // fails, rightly, when something else is in it
	}
	s.files, s.made = nil, nil
}

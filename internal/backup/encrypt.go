package backup

import (
	"errors"
	"io"
	"io/fs"

	"filippo.io/age"
)

// The cost of trying one password is 2^factor rounds of scrypt, which take 2^factor KiB of
// memory. An encrypted file names the factor that it was written with, so a reader accepts
// only what it can afford. They are variables because the tests lower them.
var (
	workFactor    = 17 // 128 MiB, about half a second; writing takes it twice, as the file is read back
	maxWorkFactor = 20 // 1 GiB
)

// encrypt begins an encrypted backup: its preamble, then an age file (age-encryption.org/v1,
// one scrypt recipient) that holds a whole backup that is not encrypted. So age alone, after
// the preamble is cut off, makes of it a file that this program restores. Without a password
// it changes nothing.
func encrypt(w io.Writer, password string) (io.WriteCloser, error) {
	if password == "" {
		return notEncrypted{w}, nil
	}
	recipient, err := age.NewScryptRecipient(password)
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(workFactor)
	if _, err := w.Write(preamble(modeAge)); err != nil {
		return nil, err
	}
	return age.Encrypt(w, recipient)
}

type notEncrypted struct{ io.Writer }

// Close implements io.Closer.
func (notEncrypted) Close() error { return nil }

var (
	errPassword = errors.New("wrong password")

	// age finds out that its file was changed, not where: a file that was cut off ends in a
	// piece that cannot be decrypted.
	errEncrypted = damage{"不完整（可能没有复制完）或者被改动"}
)

// decrypt reads what encrypt wrote after the preamble. Nothing is given out that age has
// not found unaltered and in its place.
func decrypt(r io.Reader, password string) (io.Reader, error) {
	identity, err := age.NewScryptIdentity(password)
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	plain, err := age.Decrypt(r, identity)
	if errors.Is(err, age.ErrIncorrectIdentity) {
		return nil, errPassword
	}
	if err != nil {
		return nil, encryptionDamage(err)
	}
	return decrypted{plain}, nil
}

// decrypted names the errors of an age file.
type decrypted struct{ r io.Reader }

// Read implements io.Reader.
func (d decrypted) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = encryptionDamage(err)
	}
	return n, err
}

// encryptionDamage tells a damaged file from a disk that cannot be read: age has no error
// values for what is wrong with a file, but it passes on those of the disk.
func encryptionDamage(err error) error {
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return err
	}
	return errEncrypted
}

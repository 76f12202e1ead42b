package backup

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

const (
	magic     = "DISBURSE BACKUP\n"
	format    = 1
	modePlain = 0
	modeAES   = 1 // argon2id, AES-256-GCM

	saltSize  = 16
	checkSize = 16
	keySize   = 32
	tagSize   = 16

	plainPreamble = len(magic) + 2
	costSize      = 4 + 4 + 1
	aesPreamble   = plainPreamble + costSize + saltSize + checkSize
)

// The cost of trying a password: three passes over 64 MiB. It stands in the file, so that
// later programs may ask for more.
const (
	hashTime    = 3
	hashMemory  = 64 << 10 // KiB
	hashThreads = 4

	// No file may ask for more than this of the one who reads it.
	maxHashTime   = 20
	maxHashMemory = 1 << 20
)

// sealer puts a tag to every chunk, and encrypts it where there is a password. The tag
// covers the preamble, the chunk's number and whether it is the last, so chunks can be
// neither exchanged nor left out at the end. Without a password it keeps accidents away,
// not somebody who means to deceive: against him there is the printed SHA-256 of the file
// and the head of the audit chain.
type sealer struct {
	preamble []byte
	aead     cipher.AEAD // nil: not encrypted
}

// newSealer makes the preamble of a new file.
func newSealer(password string) (*sealer, error) {
	pre := append([]byte(magic), format, modePlain)
	if password == "" {
		return &sealer{preamble: pre}, nil
	}
	pre[len(magic)+1] = modeAES
	pre = binary.BigEndian.AppendUint32(pre, hashTime)
	pre = binary.BigEndian.AppendUint32(pre, hashMemory)
	pre = append(pre, hashThreads)
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	pre = append(pre, salt...)
	key, check := derive(password, pre)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &sealer{append(pre, check...), aead}, nil
}

// derive makes the key, and what tells a wrong password from an altered file, of a
// password and the cost and salt in a preamble.
func derive(password string, pre []byte) (key, check []byte) {
	cost := pre[plainPreamble:]
	salt := cost[costSize : costSize+saltSize]
	sum := argon2.IDKey([]byte(password), salt, binary.BigEndian.Uint32(cost), binary.BigEndian.Uint32(cost[4:]), cost[8], keySize+checkSize)
	return sum[:keySize], sum[keySize:]
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return aead, nil
}

var (
	errPassword = errors.New("wrong password")
	errAltered  = errors.New("altered")
)

// openSealer makes the sealer of an encrypted preamble, whole.
func openSealer(pre []byte, password string) (*sealer, error) {
	cost := pre[plainPreamble:]
	if t, m := binary.BigEndian.Uint32(cost), binary.BigEndian.Uint32(cost[4:]); t == 0 || t > maxHashTime || m > maxHashMemory || cost[8] == 0 {
		return nil, errAltered
	}
	key, check := derive(password, pre)
	if subtle.ConstantTimeCompare(check, pre[aesPreamble-checkSize:]) != 1 {
		return nil, errPassword
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &sealer{pre, aead}, nil
}

// seal appends chunk number n to dst, with its tag.
func (s *sealer) seal(dst, chunk []byte, n uint64, last bool) []byte {
	if s.aead == nil {
		return append(append(dst, chunk...), s.sum(chunk, n, last)...)
	}
	return s.aead.Seal(dst, nonce(n), chunk, s.about(last))
}

// open returns what chunk number n holds, in the place where it stands, or errAltered.
func (s *sealer) open(sealed []byte, n uint64, last bool) ([]byte, error) {
	if s.aead == nil {
		chunk, tag := sealed[:len(sealed)-tagSize], sealed[len(sealed)-tagSize:]
		if subtle.ConstantTimeCompare(tag, s.sum(chunk, n, last)) != 1 {
			return nil, errAltered
		}
		return chunk, nil
	}
	chunk, err := s.aead.Open(sealed[:0], nonce(n), sealed, s.about(last))
	if err != nil {
		return nil, errAltered
	}
	return chunk, nil
}

// nonce never repeats under a key: each file has its own salt.
func nonce(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 4, 12), n) }

func (s *sealer) about(last bool) []byte {
	about := append(make([]byte, 0, len(s.preamble)+1), s.preamble...)
	return append(about, flag(last))
}

func (s *sealer) sum(chunk []byte, n uint64, last bool) []byte {
	h := sha256.New()
	h.Write(s.about(last))
	h.Write(nonce(n))
	h.Write(chunk)
	return h.Sum(nil)[:tagSize]
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

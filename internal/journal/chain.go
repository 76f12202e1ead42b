package journal

import (
	"crypto/sha256"
	"encoding/binary"
)

// The algorithms name how hashes are computed; the name is stored with each entry, so
// that a later program still verifies old entries after another way has been adopted.
//
// sha256-v1 is SHA-256 over, one after the other: the algorithm's name, the previous
// hash, region, revision, time (microseconds since 1970 UTC), and the texts actor,
// origin, action, subject, reason, digest, summary. A number takes 8 bytes, the most
// significant first; a text or hash is preceded by its length in bytes as such a
// number. So no two different entries have the same encoding.
//
// sha256-v2 adds the texts rows digest, before and after, in this order, behind them.
const (
	V1 = "sha256-v1"
	V2 = "sha256-v2"
)

// Algorithm is how new entries are hashed.
const Algorithm = V2

// Hash returns the hash of an entry that follows the entry with the previous hash
// (Genesis for revision 1), as Algorithm computes it. It depends on every field, on the
// time to the microsecond.
func Hash(previous []byte, e Entry) []byte {
	hash, _ := HashBy(Algorithm, previous, e)
	return hash
}

// HashBy is Hash by the algorithm named. ok is false where there is no such algorithm,
// and where the entry has fields that the algorithm does not cover: then nothing would
// vouch for them.
func HashBy(algorithm string, previous []byte, e Entry) (hash []byte, ok bool) {
	texts := e.texts()
	switch algorithm {
	case V1:
		if e.Rows != "" || e.Before != "" || e.After != "" {
			return nil, false
		}
		texts = texts[:len(texts)-3]
	case V2:
	default:
		return nil, false
	}
	b := appendText(nil, algorithm)
	b = appendText(b, string(previous))
	b = appendNumber(b, int64(e.Region))
	b = appendNumber(b, e.Rev)
	b = appendNumber(b, e.At.UnixMicro())
	for _, s := range texts {
		b = appendText(b, *s)
	}
	sum := sha256.Sum256(b)
	return sum[:], true
}

// Genesis returns what stands for the previous hash of a region's first entry. It
// differs from region to region, so a chain cannot be passed off as another region's.
// It is the same for all algorithms.
func Genesis(region int32) []byte {
	b := appendText(nil, V1)
	b = appendText(b, "genesis")
	sum := sha256.Sum256(appendNumber(b, int64(region)))
	return sum[:]
}

func appendNumber(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func appendText(b []byte, s string) []byte {
	return append(appendNumber(b, int64(len(s))), s...)
}

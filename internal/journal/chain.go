package journal

import (
	"crypto/sha256"
	"encoding/binary"
)

// Algorithm names how hashes are computed; it is stored with each entry, so that a
// later program can still verify old entries after another way has been adopted.
//
// sha256-v1 is SHA-256 over, one after the other: the algorithm's name, the previous
// hash, region, revision, time (microseconds since 1970 UTC), and the texts actor,
// origin, action, subject, reason, digest, summary. A number takes 8 bytes, the most
// significant first; a text or hash is preceded by its length in bytes as such a
// number. So no two different entries have the same encoding.
const Algorithm = "sha256-v1"

// Hash returns the hash of an entry that follows the entry with the previous hash
// (Genesis for revision 1). It depends on every field, on the time to the microsecond.
func Hash(previous []byte, e Entry) []byte {
	b := appendText(nil, Algorithm)
	b = appendText(b, string(previous))
	b = appendNumber(b, int64(e.Region))
	b = appendNumber(b, e.Rev)
	b = appendNumber(b, e.At.UnixMicro())
	for _, s := range e.texts() {
		b = appendText(b, *s)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Genesis returns what stands for the previous hash of a region's first entry. It
// differs from region to region, so a chain cannot be passed off as another region's.
func Genesis(region int32) []byte {
	b := appendText(nil, Algorithm)
	b = appendText(b, "genesis")
	sum := sha256.Sum256(appendNumber(b, int64(region)))
	return sum[:]
}

func appendNumber(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func appendText(b []byte, s string) []byte {
	return append(appendNumber(b, int64(len(s))), s...)
}

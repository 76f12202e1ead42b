package workbook

import "hash/crc32"

// joinCRC returns the CRC-32 of two pieces of data, one after the other, from the
// CRC of each and the length of the second: appending n bytes multiplies the first
// one's polynomial by x^8n, modulo the CRC's. Polynomials over GF(2), bits reversed
// as in crc32.IEEE (zlib's crc32_combine).
func joinCRC(first, second uint32, n int64) uint32 {
	return times(power(n), first) ^ second
}

// one is the polynomial 1; x is one place to the right of it.
const one uint32 = 1 << 31

// power returns x^8n.
func power(n int64) uint32 {
	square := one >> 8 // x^8
	p := one
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			p = times(square, p)
		}
		square = times(square, square)
	}
	return p
}

// times multiplies two polynomials modulo the CRC's.
func times(a, b uint32) uint32 {
	var p uint32
	for m := one; m != 0; m >>= 1 {
		if a&m != 0 {
			p ^= b
		}
		if b&1 == 1 {
			b = b>>1 ^ crc32.IEEE
		} else {
			b >>= 1
		}
	}
	return p
}

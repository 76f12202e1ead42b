package runs

import (
	"fmt"
	"slices"
	"testing"
)

// TestFilterMissesNothing: whatever its size, it reports all that were added twice, and of
// those added once only a few (false positives).
func TestFilterMissesNothing(t *testing.T) {
	t.Parallel()
	for _, people := range []int64{0, 1, 300, 100_000, 1 << 40} {
		f := newRepeatFilter(people)
		if bits := 64 * len(f.bits); bits > maxFilterBits || bits < minFilterBits || int64(bits) < min(maxFilterBits, people*filterBitsPerPerson) {
			t.Errorf("%d bits for %d people", bits, people)
		}
		once, twice := min(max(people, 1000), 200_000), int64(100)
		for i := range once {
			f.add(fmt.Append(nil, "account ", i))
		}
		for i := range twice {
			f.add(fmt.Append(nil, "account ", i*7))
		}
		found := f.candidates()
		for i := range twice {
			if text := fmt.Sprint("account ", i*7); !slices.Contains(found, text) {
				t.Errorf("%d people: %s came twice and was not let through", people, text)
			}
		}
		if most := int(twice + 10 + once/50); len(found) > most {
			t.Errorf("%d people: %d let through, %d came twice", people, len(found), twice)
		}
	}
}

package approval

import (
	"bytes"
	"testing"
	"time"
)

func TestDelaysGrow(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]time.Duration{0: 0, 4: 0, 5: time.Minute, 6: 2 * time.Minute, 8: 8 * time.Minute, 9: 15 * time.Minute, 32000: 15 * time.Minute} {
		if got := Delay(failures); got != want {
			t.Errorf("after %d: %s, want %s", failures, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	same := func(a, b string) bool { return Place(a) == Place(b) }
	if !same("2001:db8::1", "2001:db8::ffff:2") || same("2001:db8::1", "2001:db8:0:1::1") || same("10.0.0.1", "10.0.0.2") || same("::ffff:10.0.0.1", "::ffff:10.0.0.2") {
		t.Error("places are not told apart as they should be")
	}
	if !bytes.Equal(NameDigest("经办-MZ"), NameDigest(" 经办-ＭＺ")) || bytes.Equal(NameDigest("甲"), NameDigest("乙")) {
		t.Error("names are not told apart as they should be")
	}
}

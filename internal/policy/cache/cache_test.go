package cache

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// TestOnce: one text is read once, another is another, and what cannot be read is read again.
func TestOnce(t *testing.T) {
	t.Parallel()
	reads := map[string]int{}
	read := func(body []byte) (string, error) {
		reads[string(body)]++
		if bytes.HasPrefix(body, []byte("bad")) {
			return "", errors.New("bad")
		}
		return "made of " + string(body), nil
	}
	k := New[string]()
	for range 3 {
		for _, body := range []string{"a", "b"} {
			if got, err := k.Of([]byte(body), read); got != "made of "+body || err != nil {
				t.Errorf("%s: %q, %v", body, got, err)
			}
		}
		if _, err := k.Of([]byte("bad"), read); err == nil {
			t.Error("an error was lost")
		}
	}
	if reads["a"] != 1 || reads["b"] != 1 || reads["bad"] != 3 {
		t.Errorf("read %v times", reads)
	}
	for i := range 5 * size {
		if _, err := k.Of(fmt.Append(nil, i), read); err != nil {
			t.Error(err)
		}
	}
	if k.Len() > size {
		t.Errorf("%d are cached", k.Len())
	}
}

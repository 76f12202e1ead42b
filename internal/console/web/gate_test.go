package web

import (
	"net/http/httptest"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/store/users"
)

// panicking is a request body of which reading panics.
type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("oh") }

// TestPanicLeavesThePlace: a form of which reading panics gives back its user's place among
// the uploads; otherwise two of them would lock the user out until the program is restarted.
func TestPanicLeavesThePlace(t *testing.T) {
	t.Parallel()
	s := &Server{uploads: newGate()}
	for range sentByOne + 1 {
		r := httptest.NewRequest("POST", "/imports", panicking{})
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		v := &Visit{Server: s, W: httptest.NewRecorder(), R: r, session: &users.Session{}, User: approval.User{Name: "甲经办"}}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			if _, err := v.takeForm(&Route{Long: true}); err != nil {
				t.Error(err)
			}
		}()
	}
	if s.uploads.all != 0 || len(s.uploads.users) != 0 {
		t.Errorf("%d places are taken, by %v", s.uploads.all, s.uploads.users)
	}
}

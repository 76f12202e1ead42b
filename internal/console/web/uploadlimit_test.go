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

// TestPanicReleasesUpload: an upload of which reading panics no longer counts; otherwise two of
// them would lock the user out until the program is restarted.
func TestPanicReleasesUpload(t *testing.T) {
	t.Parallel()
	s := &Server{uploads: newUploadLimiter()}
	for range maxUploadsOfUser + 1 {
		r := httptest.NewRequest("POST", "/imports", panicking{})
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		v := &Visit{Server: s, W: httptest.NewRecorder(), R: r, session: &users.Session{}, User: approval.User{Name: "甲经办"}}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			if _, err := v.parseForm(&Route{Long: true}); err != nil {
				t.Error(err)
			}
		}()
	}
	if s.uploads.total != 0 || len(s.uploads.users) != 0 {
		t.Errorf("%d uploads still count, by %v", s.uploads.total, s.uploads.users)
	}
}

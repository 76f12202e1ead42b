package console_test

import (
	"os"
	"testing"

	"disburse/internal/approval"
)

// Users log in, set and reset passwords in most tests; at its real cost each takes 64 MiB
// and a tenth of a second. The cost itself is tested in internal/approval.
func TestMain(m *testing.M) {
	approval.Cheap = true
	os.Exit(m.Run())
}

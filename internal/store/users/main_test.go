package users_test

import (
	"os"
	"testing"

	"disburse/internal/approval"
)

// Some hundred passwords are set and tried here; at their real cost each takes 64 MiB and
// a tenth of a second. The cost itself is tested in internal/approval.
func TestMain(m *testing.M) {
	approval.Cheap = true
	os.Exit(m.Run())
}

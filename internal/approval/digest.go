package approval

import (
	"fmt"

	"disburse/internal/month"
)

// DigestHeader is what a batch's digest begins with: which batch it is, what was
// known, and by which rules. The batch's lines follow. The first line names the whole
// construction, so that a later one can be told apart.
func DigestHeader(region int32, m month.Month, bureau string, n int, revision int64, packHash string) string {
	return fmt.Sprintf("disburse-batch-v1\n%d\n%s\n%s\n%d\n%d\n%s\n", region, m, bureau, n, revision, packHash)
}

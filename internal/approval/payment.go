package approval

import (
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// RowsPerFile is how many payments a bank file holds at most (docs/interface.md §5.3).
const RowsPerFile = 5000

// PaymentFile is one file for one bank.
type PaymentFile struct {
	Batch  int32
	File   int    // from 1 within the batch
	Number string // 140213-202611-MZ-1-003, unique for ever
	Bank   string // 开户银行 as the accounts name it; may be empty
	Rows   int
	Amount money.Fen // 分
}

// Payment is one row of a bank file: one payee and item, its lines summed.
type Payment struct {
	File    int
	Seq     int    // 序号 within the file, from 1
	Person  int64  // 0: an institution or bureau
	Payee   string // roster.Myself, or the institution or bureau
	Item    string // code
	Amount  money.Fen
	Account roster.Account // Holder is never empty here
	ID      string         // 证件号码; empty for an institution or bureau
}

// FileNumber is a bank file's number and its ASCII name: region, month, the bureau's
// code, the batch's number, the file's number in three digits (more where a batch has
// more files).
func FileNumber(region int32, m month.Month, code string, n, file int) string {
	return fmt.Sprintf("%d-%s-%s-%d-%03d", region, m.Compact(), code, n, file)
}

// ValidCode reports whether a bureau's code can stand in file names: 1 to 8 ASCII letters.
func ValidCode(code string) bool {
	for _, c := range []byte(code) {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return len(code) >= 1 && len(code) <= 8
}

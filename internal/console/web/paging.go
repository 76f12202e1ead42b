package web

import "strconv"

// PageRows is how many rows of a list that is read by cursor are on a page.
const PageRows = 50

// ListedProblems is how many refused rows of a file a page lists; files may have as many
// as they have rows, and the workbook of errors has all of them.
const ListedProblems = 200

// CursorBefore is the cursor of a list that is paged backwards, the newest first: only rows
// with a smaller number are on the page. 0, also for what is no number: from the newest on.
func (v *Visit) CursorBefore() int64 {
	n, err := strconv.ParseInt(v.Form("before"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

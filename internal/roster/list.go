package roster

import (
	"disburse/internal/month"
)

// Listed is what a match list (比对名单) says of somebody.
type Listed struct {
	ID     string // 身份证号, valid; empty: none that can be used
	Name   string
	Birth  month.Date // from the ID number, else from the list; 0: not known
	Date   month.Date // 日期, of what the list is about: of death, of admission; 0: none
	Street string
	Note   string
}

// ListRow is a row of a match list.
type ListRow struct {
	Place Place
	Listed
}

// MatchList is a list of another office after reading.
type MatchList struct {
	File     string // base name
	SHA256   string // hex
	Rows     []ListRow
	Problems []Problem // rows that are not in Rows
	Warnings []Problem
}

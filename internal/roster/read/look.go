package read

import (
	"path/filepath"
	"slices"

	"disburse/internal/fault"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/xlsx"
)

// CheckRoster refuses, without reading its rows, what cannot be a roster workbook: no
// whole .xlsx file, one with macros, none of the four sheets. Errors: fault.Invalid.
func CheckRoster(path string) error {
	book, err := lookAt(path)
	if err != nil {
		return err
	}
	defer book.Close()
	if !slices.ContainsFunc(book.Sheets, func(s xlsx.Sheet) bool { l, _ := layout.Of(s.Name); return l != nil }) {
		return fault.New(fault.Invalid, "工作簿“%s”里没有花名册的工作表，至少要有“人员”“情况”“核定金额”“收款单位”之一", filepath.Base(path))
	}
	return nil
}

// CheckWorkbook is LookAtRoster for a workbook with any sheets.
func CheckWorkbook(path string) error {
	book, err := lookAt(path)
	if err != nil {
		return err
	}
	return book.Close()
}

func lookAt(path string) (*xlsx.Book, error) {
	book, err := xlsx.Open(path, xlsx.DefaultLimits)
	if err != nil {
		return nil, err
	}
	if book.Macros() {
		book.Close()
		return nil, fault.New(fault.Invalid, "工作簿“%s”带有宏，没有接收；请用 Excel 或 WPS 另存为不带宏的 .xlsx 再上传", filepath.Base(path))
	}
	return book, nil
}

package monthly

import (
	"strings"
	"testing"

	"disburse/cmd/disburse/kit"
)

// TestLinesKeepTheirSigns: what is taken back is a negative number in csv, and a name that
// is a formula is none.
func TestLinesKeepTheirSigns(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	row := make([]string, len(lineColumns))
	row[1], row[5] = "=1+1", "-50.00"
	if err := (&kit.Terminal{Stdout: &out}).PrintCSV(lineColumns, [][]string{row}); err != nil {
		t.Fatal(err)
	}
	const want = "id_number,name,item,benefit_month,kind,amount,status,reason,payee,bureau,street,against\n,'=1+1,,,,-50.00,,,,,,\n"
	if out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

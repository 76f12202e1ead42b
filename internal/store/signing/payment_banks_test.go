package signing_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// Aliases come into the file of the bank they mean, under its full name; a 代发行's file
// carries the accounts of the banks it pays for, and holds as many rows as its shape.
func TestAliasesAndAgents(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDesk(t)
	d.Draft(
		storetest.Line(1, "11", bank("工行")), storetest.Line(2, "11", bank("中国工商银行")), storetest.Line(3, "11", bank("工商银行")), storetest.Line(4, "11", bank("农行")),
		storetest.Line(5, "11", bank("外地银行")), storetest.Line(6, "11", bank("")),
	)
	d.UpTo(payrun.Reviewed)
	order := storetest.DeskOrder
	order.Banks = []signing.PayBank{
		{Known: "中国工商银行", Name: "中国工商银行", Agent: "中国工商银行", Rows: 3}, {Known: "工行", Name: "中国工商银行", Agent: "中国工商银行", Rows: 3},
		{Known: "工商银行", Name: "中国工商银行", Agent: "中国工商银行", Rows: 3},
		{Known: "农行", Name: "中国农业银行", Agent: "中国工商银行", Rows: 3},
	}
	b, err := signing.Approve(t.Context(), d.Db, storetest.By(storetest.Approver, ""), order)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := d.Owner.Query(t.Context(), `
		SELECT f.file, p.seq, f.bank, p.bank, p.person FROM payment p JOIN payment_file f USING (region, batch, file)
		WHERE batch = $1 ORDER BY 1, 2`, b.Number)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (string, error) {
		var file, seq, person int
		var agent, bank string
		err := r.Scan(&file, &seq, &agent, &bank, &person)
		return fmt.Sprint(file, "-", seq, " ", agent, " ", bank, " ", person), err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1-1   6", "2-1 中国工商银行 中国工商银行 1", "2-2 中国工商银行 中国工商银行 2", "2-3 中国工商银行 中国工商银行 3", "3-1 中国工商银行 中国农业银行 4",
		"4-1 外地银行 外地银行 5",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := d.Number(`SELECT count(*) FROM line WHERE bank = '工行' AND file = 2`); n != 1 {
		t.Errorf("the line itself keeps the name that was known and its payment: %d", n)
	}
}

func TestPayBanks(t *testing.T) {
	t.Parallel()
	text := func(s string) packfile.Text { return packfile.Text{Value: s} }
	got := signing.PayBanks(&packfile.File{
		Banks: []packfile.Bank{
			{Name: text("甲银行"), Aliases: []packfile.Text{text("甲行")}, Shape: text("窄")}, {Name: text("乙银行"), Through: text("甲银行")}, {Name: text("丙银行")},
		},
		Shapes: []packfile.Shape{{Name: text("窄"), Rows: packfile.Int{Value: 200}}},
	})
	want := []signing.PayBank{
		{Known: "甲银行", Name: "甲银行", Agent: "甲银行", Rows: 200}, {Known: "甲行", Name: "甲银行", Agent: "甲银行", Rows: 200}, {Known: "乙银行", Name: "乙银行", Agent: "甲银行", Rows: 200}, {Known: "丙银行", Name: "丙银行", Agent: "丙银行", Rows: approval.RowsPerFile},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

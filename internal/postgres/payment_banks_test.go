package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
)

// Aliases come into the file of the bank they mean, under its full name; a 代发行's file
// carries the accounts of the banks it pays for, and holds as many rows as its shape.
func TestAliasesAndAgents(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.draft(
		line(1, "11", bank("工行")), line(2, "11", bank("中国工商银行")), line(3, "11", bank("工商银行")), line(4, "11", bank("农行")),
		line(5, "11", bank("外地银行")), line(6, "11", bank("")),
	)
	d.upTo(payrun.Reviewed)
	order := deskOrder
	order.Banks = []postgres.PayBank{
		{Known: "中国工商银行", Name: "中国工商银行", Agent: "中国工商银行", Rows: 3}, {Known: "工行", Name: "中国工商银行", Agent: "中国工商银行", Rows: 3},
		{Known: "工商银行", Name: "中国工商银行", Agent: "中国工商银行", Rows: 3},
		{Known: "农行", Name: "中国农业银行", Agent: "中国工商银行", Rows: 3},
	}
	b, err := d.db.Approve(t.Context(), by(approver, ""), order)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := d.owner.Query(t.Context(), `
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
	if n := d.number(`SELECT count(*) FROM line WHERE bank = '工行' AND file = 2`); n != 1 {
		t.Errorf("the line itself keeps the name that was known and its payment: %d", n)
	}
}

func TestPayBanks(t *testing.T) {
	t.Parallel()
	text := func(s string) policy.Text { return policy.Text{Value: s} }
	got := postgres.PayBanks(&policy.File{
		Banks: []policy.Bank{
			{Name: text("甲银行"), Aliases: []policy.Text{text("甲行")}, Shape: text("窄")}, {Name: text("乙银行"), Through: text("甲银行")}, {Name: text("丙银行")},
		},
		Shapes: []policy.Shape{{Name: text("窄"), Rows: policy.Int{Value: 200}}},
	})
	want := []postgres.PayBank{
		{"甲银行", "甲银行", "甲银行", 200}, {"甲行", "甲银行", "甲银行", 200}, {"乙银行", "乙银行", "甲银行", 200}, {"丙银行", "丙银行", "丙银行", approval.RowsPerFile},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

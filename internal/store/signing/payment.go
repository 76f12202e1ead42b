package signing

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/policy/packfile"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
)

// PayOrder is what bank files take from the pack: the bureau's code for their
// numbers, and the order of their rows within a bank.
type PayOrder struct {
	Code    string   // MZ
	Items   []string // codes, in pack order
	Streets []string // in pack order; others follow, by bytes
	Banks   []PayBank
}

// PayBank is what the pack says of a bank, by one of the names that rosters use for it. Banks
// that the pack does not list are paid by the roster's name, in files of their own.
type PayBank struct {
	Known string // the name in the roster: full name or alias
	Name  string // in full
	Agent string // 代发行: the bank whose files carry its accounts, mostly itself
	Rows  int    // payments a file of the agent holds, 1 to approval.RowsPerFile
}

// PayBanks lists the banks of a pack by all their names.
func PayBanks(file *packfile.File) []PayBank {
	var all []PayBank
	for i := range file.Banks {
		b := &file.Banks[i]
		agent := file.PayingBank(b.Name.Value)
		one := PayBank{b.Name.Value, b.Name.Value, agent, min(file.ShapeOf(agent).MaxRows(), approval.RowsPerFile)}
		all = append(all, one)
		for _, alias := range b.Aliases {
			one.Known = alias.Value
			all = append(all, one)
		}
	}
	return all
}

// bankColumns converts the banks to parallel arrays for unnest.
func bankColumns(banks []PayBank) (known, names, agents []string, rows []int32) {
	for _, b := range banks {
		known, names, agents, rows = append(known, b.Known), append(names, b.Name), append(agents, b.Agent), append(rows, int32(b.Rows))
	}
	return known, names, agents, rows
}

// finalize makes a batch final: ledger entries, payments, bank files, final lines. All of it is
// SQL over whole sets, so memory here does not depend on the number of lines. Digest and totals
// are verified at the end on the final rows, so that what is stored is what was signed, even if
// the draft was changed in between.
func finalize(ctx context.Context, scope postgres.Scope, b payrun.Batch, order PayOrder) error {
	if err := TuneForBulk(ctx, scope.Tx); err != nil {
		return err
	}
	if err := insertLedgerEntries(ctx, scope, b); err != nil {
		return err
	}
	if err := insertPayments(ctx, scope, b, order); err != nil {
		return err
	}
	if err := insertFiles(ctx, scope, b, order); err != nil {
		return err
	}
	if err := finalizeLines(ctx, scope, b); err != nil {
		return err
	}
	if err := verifyPayments(ctx, scope, b); err != nil {
		return err
	}
	return VerifyLines(ctx, scope, b, batches.FinalLines)
}

// TuneForBulk changes planner settings for this transaction. The statistics do not cover rows
// just written, so the planner would choose a nested loop over a million of them, which takes
// hours.
func TuneForBulk(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true)`)
	if err != nil {
		return fmt.Errorf("tune for bulk: %w", err)
	}
	return nil
}

// insertLedgerEntries inserts a ledger entry of kind 1 for every line that is not held, and refuses if
// their sum is not the batch's total.
func insertLedgerEntries(ctx context.Context, scope postgres.Scope, b payrun.Batch) error {
	var settled money.Fen
	err := scope.Tx.QueryRow(ctx, `
		WITH entered AS (
		    INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		    SELECT region, person, item, payee, month, $3, against, 1, amount, batch
		    FROM draft_line WHERE region = $1 AND batch = $2 AND hold = 0
		    ORDER BY person, item, payee, month, against
		    RETURNING amount)
		SELECT coalesce(sum(amount), 0)::bigint FROM entered`, scope.Region, b.Number, scope.Rev).Scan(&settled)
	if err != nil {
		return fmt.Errorf("insert ledger entries: %w", err)
	}
	if settled != b.Pays {
		return totalsDiffer(b, fmt.Sprintf("应发 %s 元，台账记入 %s 元", b.Pays, settled))
	}
	return nil
}

// insertPayments sums the lines by payee and item (of a 扣回, the item whose payment carries it)
// and inserts the payments; those of an institution's people are one payment. A sum of zero
// makes none. A 扣回 line's own account is ignored. Impossible sums violate constraints and
// abort: a negative one payment_positive, lines of one payment with two accounts
// payment_account.
//
// Banks get their full names, and accounts that a 代发行 pays are put into its files. Bank,
// item and street are ranked first, so that a million rows are sorted by one integer and the
// ID number: three times as fast as by their texts.
func insertPayments(ctx context.Context, scope postgres.Scope, b payrun.Batch, order PayOrder) error {
	known, names, agents, rows := bankColumns(order.Banks)
	_, err := scope.Tx.Exec(ctx, `
		INSERT INTO payment (region, batch, file, seq, person, payee, item, amount, bank, account, holder, id_number)
		WITH listed AS (
		    SELECT * FROM unnest($7::text[], $8::text[], $9::text[], $10::int[]) AS listed (bank, name, agent, max_rows)
		), summed AS (
		    SELECT CASE WHEN payee = $6 THEN person END AS person, payee, against AS item, sum(amount)::bigint AS amount,
		           coalesce(max(bank) FILTER (WHERE kind < 3), '') AS bank,
		           CASE WHEN min(account) FILTER (WHERE kind < 3) = max(account) FILTER (WHERE kind < 3)
		                 AND min(bank) FILTER (WHERE kind < 3) = max(bank) FILTER (WHERE kind < 3)
		                THEN max(account) FILTER (WHERE kind < 3) ELSE '' END AS account,
		           coalesce(max(holder) FILTER (WHERE kind < 3), '') AS holder,
		           CASE WHEN payee = $6 THEN max(name) ELSE payee END AS name,
		           CASE WHEN payee = $6 THEN max(id_number) ELSE '' END AS id_number,
		           CASE WHEN payee = $6 THEN max(street) ELSE '' END AS street
		    FROM draft_line WHERE region = $1 AND batch = $2 AND hold = 0
		    GROUP BY 1, 2, 3 -- by person first: lines lie in that order, so sorting them is cheap
		    HAVING sum(amount) <> 0
		), due AS MATERIALIZED (
		    SELECT person, payee, item, amount, coalesce(listed.name, bank) AS bank, coalesce(agent, bank) AS agent,
		           coalesce(max_rows, $5) AS max_rows, account, holder, summed.name, id_number, street
		    FROM summed LEFT JOIN listed USING (bank)
		), banks AS (
		    SELECT agent, row_number() OVER earlier AS rank, (sum(n) OVER earlier - n)::bigint AS rows_before,
		           (sum(files) OVER earlier - files)::bigint AS files_before
		    FROM (SELECT agent, count(*) AS n, (count(*) + min(max_rows) - 1) / min(max_rows) AS files FROM due GROUP BY agent) counted
		    WINDOW earlier AS (ORDER BY agent COLLATE "C" ROWS UNBOUNDED PRECEDING)
		), items AS (
		    SELECT item, row_number() OVER (ORDER BY array_position($3::text[], item), item) AS rank
		    FROM due GROUP BY item
		), streets AS (
		    SELECT street, row_number() OVER (ORDER BY array_position($4::text[], street), street COLLATE "C") AS rank
		    FROM due GROUP BY street
		), placed AS (
		    SELECT due.*, files_before,
		           row_number() OVER (ORDER BY (banks.rank << 40) | (items.rank << 20) | streets.rank, id_number, payee, person)
		           - rows_before - 1 AS place
		    FROM due JOIN banks USING (agent) JOIN items USING (item) JOIN streets USING (street))
		SELECT $1, $2, files_before + place / max_rows + 1, place % max_rows + 1, person, payee, item, amount, bank, account,
		       coalesce(nullif(holder, ''), name), id_number
		FROM placed`,
		scope.Region, b.Number, order.Items, order.Streets, approval.RowsPerFile, roster.Myself, known, names, agents, rows)
	if err != nil {
		return fmt.Errorf("insert payments: %w", err)
	}
	return nil
}

// insertFiles inserts the bank files of the payments with their numbers, and refuses if the
// payments do not add up to the batch's total.
func insertFiles(ctx context.Context, scope postgres.Scope, b payrun.Batch, order PayOrder) error {
	rows, err := scope.Tx.Query(ctx, `
		SELECT batch, file, '', min(bank COLLATE "C"), count(*), sum(amount)::bigint
		FROM payment WHERE region = $1 AND batch = $2 GROUP BY batch, file ORDER BY file`, scope.Region, b.Number)
	if err != nil {
		return fmt.Errorf("read payments: %w", err)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[approval.PaymentFile])
	if err != nil {
		return fmt.Errorf("read payments: %w", err)
	}
	var paid money.Fen
	inserts := &pgx.Batch{}
	for _, f := range files {
		paid = paid.Add(f.Amount)
		inserts.Queue(`INSERT INTO payment_file (region, batch, file, number, bank, rows, amount) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			scope.Region, b.Number, f.File, approval.FileNumber(scope.Region, b.Month, order.Code, b.N, f.File), order.agent(f.Bank), f.Rows, f.Amount)
	}
	if err := scope.Tx.SendBatch(ctx, inserts).Close(); err != nil {
		return fmt.Errorf("insert payment files: %w", err)
	}
	if paid != b.Pays {
		return totalsDiffer(b, fmt.Sprintf("应发 %s 元，付款合计 %s 元", b.Pays, paid))
	}
	return nil
}

// agent returns the bank whose file carries payments to accounts of the named bank: its 代发行,
// or itself.
func (o *PayOrder) agent(bank string) string {
	for _, b := range o.Banks {
		if b.Name == bank {
			return b.Agent
		}
	}
	return bank
}

// finalizeLines moves the draft lines to table line, each with the payment that carries it; held
// lines have none.
func finalizeLines(ctx context.Context, scope postgres.Scope, b payrun.Batch) error {
	_, err := scope.Tx.Exec(ctx, `
		INSERT INTO line (region, batch, person, item, payee, month, against, kind, amount, hold,
		                  id_number, name, street, community, bank, account, holder, file, seq)
		SELECT d.region, d.batch, d.person, d.item, d.payee, d.month, d.against, d.kind, d.amount, d.hold,
		       d.id_number, d.name, d.street, d.community, d.bank, d.account, d.holder, p.file, p.seq
		FROM draft_line d
		LEFT JOIN (SELECT item, payee, coalesce(person, 0) AS person, file, seq
		           FROM payment WHERE region = $1 AND batch = $2) p
		    ON d.hold = 0 AND p.item = d.against AND p.payee = d.payee
		   AND p.person = CASE WHEN d.payee = $3 THEN d.person ELSE 0 END
		WHERE d.region = $1 AND d.batch = $2
		ORDER BY d.person, d.item, d.payee, d.month, d.against`, scope.Region, b.Number, roster.Myself)
	if err != nil {
		return fmt.Errorf("insert lines: %w", err)
	}
	if _, err := scope.Tx.Exec(ctx, `DELETE FROM draft_line WHERE region = $1 AND batch = $2`, scope.Region, b.Number); err != nil {
		return fmt.Errorf("delete draft lines: %w", err)
	}
	return nil
}

// verifyPayments verifies the stored rows: in each file the payments of each item equal the
// lines they carry, and lines without a payment sum to zero.
func verifyPayments(ctx context.Context, scope postgres.Scope, b payrun.Batch) error {
	var item *string
	// Without statistics the server would sort a million rows to form a few groups.
	if _, err := scope.Tx.Exec(ctx, `SELECT set_config('enable_sort', 'off', true)`); err != nil {
		return fmt.Errorf("tune for sums: %w", err)
	}
	err := scope.Tx.QueryRow(ctx, `
		WITH lines AS (
		    SELECT coalesce(file, 0) AS file, against AS item, sum(amount) AS amount
		    FROM line WHERE region = $1 AND batch = $2 AND hold = 0 GROUP BY 1, 2
		), paid AS (
		    SELECT file, item, sum(amount) AS amount FROM payment WHERE region = $1 AND batch = $2 GROUP BY 1, 2
		), wrong AS (
		    SELECT item FROM lines FULL JOIN paid USING (file, item)
		    WHERE coalesce(lines.amount, 0) <> coalesce(paid.amount, 0))
		SELECT min(item) FROM wrong`, scope.Region, b.Number).Scan(&item)
	if err != nil {
		return fmt.Errorf("compare payments with lines: %w", err)
	}
	if item != nil {
		return totalsDiffer(b, "项目 "+*item+" 的付款与明细不符")
	}
	return nil
}

package postgres

import (
	"fmt"
	"strings"
)

// AppendOnlyTable describes, for digests and the audit, a table that only grows.
type AppendOnlyTable struct {
	Name  string
	Title string // for people
	// Key are the columns that identify a row within a revision, in primary-key order.
	Key  []keyColumn
	rest string // all other columns, except region, rev and generated ones
	of   origin // how rows belong to revisions
	// unit is how many of the key's columns identify what a revision replaces as a whole
	// (a person's facts of one name); 0: rows add to the earlier ones.
	unit int
	// none is the index in Key of the column that is 0 in a placeholder row, which says "none";
	// -1: the table has no such rows.
	none int
}

// keyColumn is a column of a key: Title is for people, Kind its type (i2, i4, i8, date, text).
type keyColumn struct{ Name, Title, Kind string }

// origin says which revision a row belongs to.
type origin int

const (
	byRevision origin = iota // column rev
	byApproval               // the revision that approved their batch
	byRound                  // the revision at which their signing round was submitted
	bySeal                   // the revision of the seal that covers them
	byPlan                   // the revision of their recovery_plan
)

var (
	KeyPerson = keyColumn{"person", "人员", "i8"}
	keyBatch  = keyColumn{"batch", "批次", "i4"}
	keyItem   = keyColumn{"item", "项目", "text"}
	keyPayee  = keyColumn{"payee", "收款人", "text"}
	keyMonth  = keyColumn{"month", "所属月份", "date"}
	keyWhole  = keyColumn{"against", "扣自项目", "text"}
	keyN      = keyColumn{"n", "第几条", "i2"}
	keyFile   = keyColumn{"file", "文件", "i2"}
	keySeq    = keyColumn{"seq", "序号", "i4"}
	keyID     = keyColumn{"id", "编号", "text"}
	keyKind   = keyColumn{"kind", "名单", "text"}
	keyNumber = keyColumn{"n", "序号", "i4"}
)

// AppendOnlyTables lists them all, by name: what a revision wrote into them is digested
// when the revision is made, and compared by AuditVerify. A new table needs one line here
// and nothing else; TestEveryGrowingTableIsAudited fails while a table with INSERT and
// without UPDATE and DELETE is missing, or one of its columns. A column that is added later
// changes the encoding of rows, and so needs a new algorithm for entries from then on.
var AppendOnlyTables = []AppendOnlyTable{
	{"access_link", "访问记录链", []keyColumn{{"n", "序号", "i8"}}, "hash", bySeal, 0, -1},
	{"access_log", "访问记录", []keyColumn{{"n", "序号", "i8"}}, "at, actor, origin, action, subject, person, scope", bySeal, 0, -1},
	{"access_seal", "访问记录封存", nil, "first, last", byRevision, 0, -1},
	{"account_answer", "账户变更答复", []keyColumn{{"n", "申请号", "i4"}}, "granted, asked, actor, reason", byRevision, 0, -1},
	{"account_request", "账户变更申请", []keyColumn{{"n", "申请号", "i4"}},
		"person, old_bank, old_account, old_holder, bank, account, holder, actor, reason", byRevision, 0, -1},
	{"acknowledgement", "知悉", []keyColumn{keyBatch, {"round", "轮次", "i2"}, keyID}, "actor, reason", byRound, 0, -1},
	{"award", "核定金额", []keyColumn{KeyPerson, keyItem, keyN}, "amount, first_month, last_month, payee, basis", byRevision, 2, 2},
	{"batch_seal", "批次封存", []keyColumn{keyBatch},
		"month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev", byApproval, 0, -1},
	{"batch_sent", "送银行", []keyColumn{keyBatch}, "", byRevision, 0, -1},
	{"decision", "疑点决定", []keyColumn{keyID}, "release, actor, reason", byRevision, 1, -1},
	{"fact", "情况", []keyColumn{KeyPerson, {"fact", "情况", "text"}, keyN}, "since, until, value, basis", byRevision, 2, 2},
	{"ledger", "台账", []keyColumn{KeyPerson, keyItem, keyPayee, keyMonth, keyWhole, keyBatch}, "kind, amount", byRevision, 0, -1},
	{"line", "发放明细", []keyColumn{keyBatch, KeyPerson, keyItem, keyPayee, keyMonth, keyWhole},
		"kind, amount, hold, id_number, name, street, community, bank, account, holder, file, seq", byApproval, 0, -1},
	{"match_hit", "比对命中", []keyColumn{keyKind, KeyPerson, keyNumber}, "how, id_number, name, birth, dated, street, note", byRevision, 0, -1},
	{"match_list", "比对名单", []keyColumn{keyKind}, "file, digest, rows", byRevision, 1, -1},
	{"match_missing", "应享未享", []keyColumn{keyKind, keyNumber}, "id_number, name, birth, street", byRevision, 0, -1},
	{"merge", "合并", []keyColumn{{"gone", "并入的人员", "i8"}}, "kept, actor, reason", byRevision, 0, -1},
	{"opening_statement", "期初填报", []keyColumn{KeyPerson, keyItem, keyPayee, keyMonth}, "amount, basis", byRevision, 0, -1},
	{"pack", "规则包", []keyColumn{{"hash", "摘要", "text"}}, "body", byRevision, 0, -1},
	{"pack_adoption", "规则包采用", nil, "hash, actor, approver, retroactive, reason, proposal", byRevision, 0, -1},
	{"pack_proposal", "规则包采用申请", []keyColumn{keyNumber}, "hash, base, effect, heads, more, less, actor, reason", byRevision, 0, -1},
	{"paid_elsewhere", "跨区发放", []keyColumn{KeyPerson, keyN}, "other, item, month, amount", byRevision, 1, 1},
	{"part_seal", "批次附属封存", []keyColumn{keyBatch, {"name", "表", "text"}}, "rows, digest", byRevision, 0, -1},
	{"payee", "收款单位", []keyColumn{{"name", "名称", "text"}}, "bank, account, holder", byRevision, 1, -1},
	{"payment", "付款", []keyColumn{keyBatch, keyFile, keySeq}, "person, payee, item, amount, bank, account, holder, id_number", byApproval, 0, -1},
	{"payment_file", "银行文件", []keyColumn{keyBatch, keyFile}, "number, bank, rows, amount", byApproval, 0, -1},
	{"payment_result", "银行回盘", []keyColumn{keyBatch, keyFile, keySeq}, "outcome, code, reason, account", byRevision, 0, -1},
	{"person", "人员", []keyColumn{KeyPerson}, `id_number, name, street, community, address, phone, birth, moved_in, moved_out, died,
		bank, account, holder, deputy, deputy_relation, deputy_reason`, byRevision, 1, -1},
	{"recovery_plan", "分期还款", []keyColumn{keyNumber}, "person, bureau, amount, first_month, months, actor, reason", byRevision, 0, -1},
	{"recovery_plan_debt", "分期还款明细", []keyColumn{{"n", "分期", "i4"}, keyItem, keyPayee, keyMonth}, "amount", byPlan, 0, -1},
	{"region_opening", "期初月", nil, "month", byRevision, 0, -1},
	{"request_brought", "变更申请经手人", []keyColumn{{"n", "申请号", "i4"}, {"actor", "用户", "text"}}, "", byRevision, 0, -1},
	{"request_closing", "变更申请了结", []keyColumn{{"n", "申请号", "i4"}}, "code", byRevision, 0, -1},
	{"request_subject", "变更申请事项", []keyColumn{{"n", "申请号", "i4"}}, "kind, name, before, after, source", byRevision, 0, -1},
	{"roster_undo", "撤销导入", []keyColumn{{"undone", "修订", "i8"}}, "actor, reason", byRevision, 0, -1},
	{"row_change", "改动记录", []keyColumn{{"name", "表", "text"}, {"key", "行", "text"}}, "before, after", byRevision, 0, -1},
	{"signature", "签字", []keyColumn{keyBatch, {"round", "轮次", "i2"}, {"post", "岗位", "text"}}, "actor, at, digest, reason", byRevision, 0, -1},
	{"user_event", "用户变动", []keyColumn{{"name", "用户", "text"}}, "what, actor, reason, change, waits", byRevision, 0, -1},
	{"void_signature", "作废签字", []keyColumn{keyBatch, keyN}, "actor, post, at, digest, reason", byRevision, 0, -1},
	{"waiver", "核销", []keyColumn{KeyPerson, keyItem, keyPayee, keyMonth}, "amount, actor, approver, reason", byRevision, 0, -1},
	{"waiver_answer", "核销答复", []keyColumn{{"n", "申请号", "i4"}}, "granted, asked, actor, reason", byRevision, 0, -1},
	{"waiver_request", "核销申请", []keyColumn{{"n", "申请号", "i4"}}, "person, item, payee, month, amount, bureau, actor, reason", byRevision, 0, -1},
}

// VerifiedElsewhere are append-only tables without row digests, with what protects them.
var VerifiedElsewhere = map[string]string{
	"journal":    "chained by hash",
	"row_digest": "digested in journal (rows_digest)",
	"row_mark":   "digested in row_digest (marks)",
}

// Columns returns the columns of a row in the order in which they are hashed.
func (g *AppendOnlyTable) Columns(prefix string) string {
	var all []string
	for _, k := range g.Key {
		all = append(all, prefix+k.Name)
	}
	for _, c := range SplitColumns(g.rest) {
		all = append(all, prefix+c)
	}
	return strings.Join(all, ", ")
}

// SplitColumns splits a list of columns as rest has it.
func SplitColumns(list string) []string {
	var all []string
	for c := range strings.SplitSeq(list, ",") {
		if c = strings.TrimSpace(c); c != "" {
			all = append(all, c)
		}
	}
	return all
}

// keyNames returns the first n columns of the key.
func (g *AppendOnlyTable) keyNames(prefix string, n int) string {
	var names []string
	for _, k := range g.Key[:n] {
		names = append(names, prefix+k.Name)
	}
	return strings.Join(names, ", ")
}

// order returns the ORDER BY of a revision's rows. Texts sort by bytes: with a locale the
// order, and so the digest, would depend on the server.
func (g *AppendOnlyTable) order() string {
	if len(g.Key) == 0 {
		return ""
	}
	var names []string
	for _, k := range g.Key {
		if k.Kind == "text" {
			k.Name += ` COLLATE "C"`
		}
		names = append(names, k.Name)
	}
	return "ORDER BY " + strings.Join(names, ", ")
}

// At returns the condition that selects a revision's rows. It is text, as COPY takes no
// parameters; it is built of numbers only, so it cannot be injected into.
func (g *AppendOnlyTable) At(region int32, rev int64) string {
	switch g.of {
	case byApproval:
		return fmt.Sprintf(`region = %[1]d AND batch IN (SELECT b.batch FROM batch b WHERE b.region = %[1]d AND b.approved_rev = %[2]d)`, region, rev)
	case byRound:
		return fmt.Sprintf(`region = %[1]d AND (batch, round) IN (SELECT s.batch, s.round FROM signature s
			WHERE s.region = %[1]d AND s.rev = %[2]d AND s.post = '经办')`, region, rev)
	case bySeal:
		return fmt.Sprintf(`region = %[1]d AND n >= (SELECT s.first FROM access_seal s WHERE s.region = %[1]d AND s.rev = %[2]d)
			AND n <= (SELECT s.last FROM access_seal s WHERE s.region = %[1]d AND s.rev = %[2]d)`, region, rev)
	case byPlan:
		return fmt.Sprintf(`region = %[1]d AND n IN (SELECT p.n FROM recovery_plan p WHERE p.region = %[1]d AND p.rev = %[2]d)`, region, rev)
	}
	return fmt.Sprintf(`region = %d AND rev = %d`, region, rev)
}

// Revisions returns a query of every revision with its number of rows; revision 0 counts
// rows that belong to none.
func (g *AppendOnlyTable) Revisions(region int32) string {
	switch g.of {
	case byApproval:
		return fmt.Sprintf(`SELECT coalesce(b.approved_rev, 0), t.rows FROM (SELECT batch, count(*) AS rows FROM %s WHERE region = %[2]d GROUP BY batch) t
			LEFT JOIN batch b ON b.region = %[2]d AND b.batch = t.batch`, g.Name, region)
	case byRound:
		return fmt.Sprintf(`SELECT coalesce(s.rev, 0), count(*) FROM %s t LEFT JOIN signature s
			ON s.region = t.region AND s.batch = t.batch AND s.round = t.round AND s.post = '经办' WHERE t.region = %d GROUP BY 1`, g.Name, region)
	case bySeal:
		return fmt.Sprintf(`SELECT s.rev, count(*) FROM %s t JOIN access_seal s
			ON s.region = t.region AND t.n BETWEEN s.first AND s.last WHERE t.region = %d GROUP BY 1`, g.Name, region)
	case byPlan:
		return fmt.Sprintf(`SELECT coalesce(p.rev, 0), count(*) FROM %s t LEFT JOIN recovery_plan p
			ON p.region = t.region AND p.n = t.n WHERE t.region = %d GROUP BY 1`, g.Name, region)
	}
	return fmt.Sprintf(`SELECT rev, count(*) FROM %s WHERE region = %d GROUP BY rev`, g.Name, region)
}

// Orphans returns the condition of rows that belong to no revision, which an audit reports;
// "" where the schema rules them out.
func (g *AppendOnlyTable) Orphans(region int32) string {
	switch g.of {
	case byApproval:
		return fmt.Sprintf(`region = %[1]d AND batch NOT IN (SELECT b.batch FROM batch b WHERE b.region = %[1]d AND b.approved_rev IS NOT NULL)`, region)
	case byRound:
		return fmt.Sprintf(`region = %[1]d AND (batch, round) NOT IN (SELECT s.batch, s.round FROM signature s WHERE s.region = %[1]d AND s.post = '经办')`, region)
	case byPlan:
		return fmt.Sprintf(`region = %[1]d AND n NOT IN (SELECT p.n FROM recovery_plan p WHERE p.region = %[1]d)`, region)
	}
	return ""
}

package admin

import (
	"cmp"
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/office/admin"
	"disburse/internal/postgres"
	"disburse/internal/store/audit"
)

// AuditCommand is audit and what is below it.
func AuditCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "审计：核对、日志、访问记录"}
	var anchor string
	verify := &cobra.Command{Use: "verify", Short: "核对审计链，以及每次修订登记的每一行", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		defer a.Close()
		head, err := parseAnchor(anchor)
		if err != nil {
			return err
		}
		return auditVerify(c.Context(), a, head)
	}}
	verify.Long = "逐条核对审计日志的哈希链，再把只增不改的各表逐行与登记时的摘要比较；\n被改动、缺失或多出的行，说明是哪次修订、哪个表、哪一行。\n" +
		"库里有几个区划而没有写 --region 的，逐个核对。\n" +
		"--anchor 给出纸面（签字页、manifest.json）上的链头：整条链被重写时，只有它能看出来。"
	verify.Flags().StringVar(&anchor, "anchor", "", "纸面上的链头：HASH 或 修订号:HASH，HASH 至少写前 16 位")
	c.AddCommand(verify, auditLogCommand(a), auditAccessCommand(a))
	c.AddCommand(a.Command("seal", "把还没有封存的访问记录封进审计链（每次运行月份时也会自动封存）", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		by, err := a.By(ctx, "")
		if err != nil {
			return err
		}
		return seal(ctx, a, by)
	}))
	return c
}

// parseAnchor reads HASH, REV:HASH or HASH@REV; nil: none.
func parseAnchor(s string) (*audit.Anchor, error) {
	if s == "" {
		return nil, nil
	}
	const shortest = 16
	hash, rev := s, ""
	if before, after, found := strings.Cut(s, ":"); found {
		rev, hash = before, after
	} else if before, after, found := strings.Cut(s, "@"); found {
		hash, rev = before, after
	}
	anchor := &audit.Anchor{Hash: strings.ToLower(strings.TrimSpace(hash))}
	if rev != "" {
		n, err := strconv.ParseInt(strings.TrimSpace(rev), 10, 64)
		if err != nil || n < 1 {
			return nil, kit.Usage("--anchor 的修订号应为正整数，不能是“%s”", rev)
		}
		anchor.Rev = n
	}
	if len(anchor.Hash) < shortest || len(anchor.Hash) > 64 || strings.Trim(anchor.Hash, "0123456789abcdef") != "" {
		return nil, kit.Usage("--anchor 应为链头（64 位十六进制，至少写前 %d 位），或 修订号:链头，不能是“%s”", shortest, s)
	}
	return anchor, nil
}

// auditVerify reads nothing else first, and changes nothing: what is broken elsewhere in the
// database, its schema included, is no reason not to look at the rest. A database that
// cannot be reached is one: whatever else a connection finds is not the one to be verified.
func auditVerify(ctx context.Context, a *kit.App, anchor *audit.Anchor) error {
	f, err := a.Flags()
	if err != nil {
		return err
	}
	owner, err := a.Reach(ctx)
	if err != nil {
		a.Tell("没有连上要核对的数据库，什么都没有核对")
		return err
	}
	schema := a.UpToDate(ctx, owner)
	if a.Pool, err = postgres.Open(ctx, a.Address()); err != nil {
		return cmp.Or(schema, err)
	}
	if schema != nil {
		a.Println("数据库结构（schema_migration）：" + kit.Sentence(ctx, schema))
	}
	all, err := audited(ctx, a, f)
	if err != nil {
		return err
	}
	if anchor != nil && len(all) > 1 {
		return fault.New(fault.Refused, "链头属于一个区划，库里有 %s，请用 --region 写明是哪一个", kit.RegionList(all))
	}
	return cmp.Or(auditRegions(ctx, a, all, anchor), schema)
}

// audited are the regions to walk: the one that is named, or all that have left a trace,
// also where their own row is gone.
func audited(ctx context.Context, a *kit.App, f kit.Flags) ([]postgres.Region, error) {
	if f.Region != 0 {
		return []postgres.Region{{Code: f.Region}}, nil
	}
	all := audit.RegionsWithTraces(ctx, a.Pool)
	if len(all) > 0 {
		return all, nil
	}
	pack, err := kit.BuiltIn()
	if err != nil {
		return nil, err
	}
	return []postgres.Region{kit.RegionOf(pack)}, nil
}

// auditRegions walks all of the regions, also after one that is not in order. Where none
// of them has anything to walk, nothing was found complete.
func auditRegions(ctx context.Context, a *kit.App, all []postgres.Region, anchor *audit.Anchor) error {
	var failed error
	walked := false
	for _, r := range all {
		a.Office = office.New(a.Pool, r.Code, nil)
		if len(all) > 1 {
			a.Println(r)
		}
		switch err := auditRegion(ctx, a, anchor); {
		case fault.Is(err, fault.NotFound):
			a.Println(err)
		case err != nil:
			failed = cmp.Or(failed, err)
			fallthrough
		default:
			walked = true
		}
	}
	if failed == nil && !walked {
		return fault.New(fault.NotFound, "没有可以核对的内容：%s还没有任何修订，请核对 --db、--data 和 --region", kit.RegionList(all))
	}
	return failed
}

func auditRegion(ctx context.Context, a *kit.App, anchor *audit.Anchor) error {
	bar := a.Progress("核对 修订")
	report, failed := admin.Audit(ctx, a.Office, anchor, bar.Show)
	bar.End()
	if report == nil {
		return failed
	}
	for _, p := range report.Problems {
		a.Println(p)
	}
	if report.More > 0 {
		a.Printf("…… 另有 %d 处\n", report.More)
	}
	if s := admin.PowersWarning(report.Powers); s != "" {
		a.Println(s)
	}
	if failed != nil {
		return failed
	}
	a.Printf("审计链完整：%d 条，链头 %s\n", report.Entries, hex.EncodeToString(report.Head))
	a.Printf("各表逐行核对：%d 行，与登记时一致\n", report.Rows)
	if report.Old > 0 {
		a.Printf("其中 %d 条由旧版程序登记，没有逐行摘要，只核对了链\n", report.Old)
	}
	if report.Unsealed > 0 {
		a.Printf("有 %d 条访问记录还没有封存，用 disburse audit seal 封存\n", report.Unsealed)
	}
	if anchor != nil {
		a.Println("与纸面上的链头相符")
	}
	return nil
}

// seal puts the access log's new entries into the chain.
func seal(ctx context.Context, a *kit.App, by journal.By) error {
	rev, count, err := admin.SealAccess(ctx, a.Office, by)
	if err != nil {
		return err
	}
	if count == 0 {
		a.Println("没有新的访问记录，不必封存")
		return nil
	}
	a.Printf("已封存 %d 条访问记录，修订号 %d\n", count, rev)
	return nil
}

// period are the days of --from and --to, both inclusive.
type period struct{ from, to string }

func (p *period) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.from, "from", "", "从哪一天起，如 2026-11-01")
	c.Flags().StringVar(&p.to, "to", "", "到哪一天为止（含）")
}

func (p *period) times() (from, to time.Time, err error) {
	read := func(flag, s string) (time.Time, error) {
		if s == "" {
			return time.Time{}, nil
		}
		d, err := month.ParseDate(s)
		if err != nil {
			return time.Time{}, kit.Usage("%s 应为日期，如 2026-11-01，不能是“%s”", flag, s)
		}
		t := d.Time()
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, month.Shanghai), nil
	}
	if from, err = read("--from", p.from); err != nil {
		return from, to, err
	}
	if to, err = read("--to", p.to); err == nil && !to.IsZero() {
		to = to.AddDate(0, 0, 1)
	}
	return from, to, err
}

const auditTime = "2006-01-02 15:04:05"

func auditLogCommand(a *kit.App) *cobra.Command {
	var p period
	c := a.Command("log", "列出审计日志：谁、何时、从何处、做了什么", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		from, to, err := p.times()
		if err != nil {
			return err
		}
		columns := []kit.Column{kit.NumberColumn("revision", "修订"), kit.TextColumn("at", "时间"), kit.TextColumn("actor", "用户"), kit.TextColumn("origin", "地点"), kit.TextColumn("action", "操作"),
			kit.TextColumn("subject", "对象"), kit.TextColumn("summary", "摘要"), kit.TextColumn("reason", "理由")}
		if a.Format != "table" {
			columns = append(columns, kit.TextColumn("digest", "内容摘要"), kit.TextColumn("rows_digest", "行摘要"), kit.TextColumn("before_digest", "改前摘要"),
				kit.TextColumn("after_digest", "改后摘要"), kit.TextColumn("algorithm", "算法"), kit.TextColumn("hash", "链上哈希"))
		}
		var rows [][]string
		err = audit.Journal(ctx, a.DB, a.Region, from, to, func(l journal.Link) error {
			row := []string{strconv.FormatInt(l.Rev, 10), l.At.In(month.Shanghai).Format(auditTime), l.Actor, l.Origin, l.Action, l.Subject, l.Summary, l.Reason}
			if a.Format != "table" {
				row = append(row, l.Digest, l.Rows, l.Before, l.After, l.Algorithm, hex.EncodeToString(l.Hash))
			}
			rows = append(rows, row)
			return nil
		})
		if err != nil {
			return err
		}
		return a.PrintRows(columns, rows)
	})
	p.flags(c)
	return c
}

func auditAccessCommand(a *kit.App) *cobra.Command {
	var p period
	c := a.Command("access", "列出访问记录：谁看过或导出过完整的身份证号、账号", cobra.NoArgs, func(ctx context.Context, _ []string) error {
		from, to, err := p.times()
		if err != nil {
			return err
		}
		return accessLog(ctx, a, from, to)
	})
	p.flags(c)
	return c
}

func accessLog(ctx context.Context, a *kit.App, from, to time.Time) error {
	columns := []kit.Column{kit.NumberColumn("n", "序号"), kit.TextColumn("at", "时间"), kit.TextColumn("actor", "用户"), kit.TextColumn("origin", "地点"), kit.TextColumn("action", "操作"),
		kit.TextColumn("subject", "内容"), kit.NumberColumn("person", "人员"), kit.TextColumn("who", "何人"), kit.TextColumn("scope", "范围"), kit.NumberColumn("sealed", "封存修订")}
	all, err := admin.AccessLog(ctx, a.Office, from, to)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, e := range all {
		rows = append(rows, []string{strconv.FormatInt(e.N, 10), e.At.In(month.Shanghai).Format(auditTime), e.Actor, e.Origin, e.Action, e.Subject,
			unlessZero(e.Person), e.Who, e.Scope, unlessZero(e.Sealed)})
	}
	return a.PrintRows(columns, rows)
}

func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

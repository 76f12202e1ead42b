package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office/admin"
	"disburse/internal/office/export"
	"disburse/internal/office/monthly"
	"disburse/internal/office/rosters"
	"disburse/internal/payrun"
	"disburse/internal/population"
	"disburse/internal/store/batches"
	"disburse/internal/store/users"
)

// demo is the whole main job on a database of its own: two months with changes
// between them, so that arrears, recovery, held lines and the bridge have content.
type demo struct {
	*kit.App
	people int
	seed   uint64
	month  month.Month // the second month; the first is the one before
	out    string
	own    bool // the data are in the output directory, which has nothing else of that name
	step   int
}

// Command is demo.
func Command(a *kit.App) *cobra.Command {
	d := &demo{App: a}
	var m string
	c := &cobra.Command{
		Use: "demo", Short: "用虚构的人口走完全过程：导入、计算、签批、清册和银行文件", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d.month = month.FromTime(kit.Now()).Month()
			if m != "" {
				var err error
				if d.month, err = kit.ParseMonth(m); err != nil {
					return err
				}
			}
			if !c.Flags().Changed("data") {
				d.Data, d.own = filepath.Join(d.out, "demo-data"), true
			}
			defer a.Close()
			return d.run(c.Context())
		},
	}
	c.Flags().IntVar(&d.people, "people", 20_000, "人数")
	c.Flags().StringVar(&m, "month", "", "月份（缺省为本月）")
	c.Flags().Uint64Var(&d.seed, "seed", 1, "随机种子：同样的种子得到同样的人口")
	c.Flags().StringVar(&d.out, "out", "out", "输出目录")
	return c
}

func (d *demo) say(format string, args ...any) {
	d.step++
	d.Printf("%2d. %s\n", d.step, fmt.Sprintf(format, args...))
}

func (d *demo) run(ctx context.Context) error {
	began := kit.Now()
	// Before the last demo's data go: a wrong number of people should cost nothing.
	p, err := population.Generate(population.Options{People: d.people, Seed: d.seed, Month: d.month - 1})
	if err != nil {
		return err
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	first := filepath.Join(d.out, "花名册.xlsx")
	bar := d.Progress("生成人口")
	err = p.WriteRoster(first, d.Pack.Vocabulary(), func(people int) { bar.Show(int64(people), int64(d.people)) })
	bar.End()
	if err != nil {
		return err
	}
	d.say("生成 %d 名虚构老人的花名册：%s", d.people, first)
	if err := d.takeIn(ctx, first); err != nil {
		return err
	}
	if err := d.addUsers(ctx); err != nil {
		return err
	}
	if err := d.oneMonth(ctx, d.month-1); err != nil {
		return err
	}
	changes := filepath.Join(d.out, "花名册变动.xlsx")
	if err := population.WriteChanges(changes, p.Changes(d.month-1, d.month)); err != nil {
		return err
	}
	d.say("写出一个月里的变动（去世、新增低保、换账户……）：%s", changes)
	if err := d.takeIn(ctx, changes); err != nil {
		return err
	}
	if err := d.confirmAccounts(ctx); err != nil {
		return err
	}
	if err := d.oneMonth(ctx, d.month); err != nil {
		return err
	}
	d.Printf("\n用时 %.1f 秒\n\n", kit.Now().Sub(began).Seconds())
	return d.summary(ctx)
}

// demoMark is a file in the directory of a demo's database, which the next demo may clear.
const demoMark = "演示数据"

// cleared takes away an earlier demo's database. What --data names is cleared only where a
// demo has made it: it may be anybody's.
func (d *demo) cleared() error {
	left, err := os.ReadDir(d.Data)
	if err == nil && len(left) > 0 && !d.own {
		if _, err := os.Stat(filepath.Join(d.Data, demoMark)); err != nil {
			return fault.New(fault.Refused, "目录 %s 里已有数据，不是演示留下的，不能覆盖；请用 --data 另写一个目录", d.Data)
		}
	}
	if err := os.RemoveAll(d.Data); err != nil {
		return fault.Wrap(err, fault.Refused, "清不掉上次演示的数据 %s，请手工删除后重试", d.Data)
	}
	return nil
}

// prepare makes a fresh database, under the output directory unless --data names another
// place. A real one is never touched.
func (d *demo) prepare(ctx context.Context) error {
	if d.URL != "" {
		return kit.Usage("demo 只用自己的单机数据库，不能指定 --db")
	}
	if err := d.cleared(); err != nil {
		return err
	}
	for _, m := range []month.Month{d.month - 1, d.month} {
		if err := os.RemoveAll(filepath.Join(d.out, m.String())); err != nil {
			return fault.Wrap(err, fault.Refused, "清不掉上次演示的文件 %s，请关闭打开的工作簿后重试", filepath.Join(d.out, m.String()))
		}
	}
	if err := os.MkdirAll(d.out, 0o755); err != nil {
		return fault.Wrap(err, fault.Refused, "建不了目录 %s，请检查权限", d.out)
	}
	environment := d.Getenv
	d.Getenv = func(name string) string { // the demo keeps to its own database
		if name == "DATABASE_URL" {
			return ""
		}
		return environment(name)
	}
	if err := d.Open(ctx, kit.MayBegin); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.Data, demoMark), nil, 0o600); err != nil {
		return fault.Wrap(err, fault.Refused, "写不了目录 %s，请检查权限", d.Data)
	}
	d.say("启动单机数据库：%s", d.Data)
	return nil
}

func (d *demo) who(name string) journal.By {
	return journal.By{Actor: name, Origin: kit.Hostname(), At: kit.Now(), Reason: "演示"}
}

func (d *demo) takeIn(ctx context.Context, file string) error {
	bar := d.Progress("读取花名册 行")
	r, err := rosters.Import(ctx, d.App.Office, &rosters.Order{File: file, By: d.who("os:" + kit.OSUser()), Rows: func(rows int) { bar.Show(int64(rows), 0) },
		Today: max(month.FromTime(kit.Now()), d.month.Last())}) // of the play: its month may lie ahead
	bar.End()
	if err != nil && (r == nil || len(r.Problems) == 0) {
		return err
	}
	if len(r.Problems) > 0 {
		return fault.New(fault.Refused, "演示的虚构人口与规则包“%s”不合，有 %d 处不能导入，第一处：%s；演示只适合与内置规则包情况、项目相同的规则包",
			d.Pack.File.Title.Value, len(r.Problems), kit.ProblemText("不能导入", &r.Problems[0]))
	}
	d.say("导入 %s：新增 %d 人，变更 %d 人，事实 %d 项，核定金额 %d 项（修订号 %d）", filepath.Base(file), r.NewPeople, r.ChangedPeople, r.ChangedFacts, r.ChangedAwards, r.Rev)
	return nil
}

// confirmAccounts has a 复核 confirm the changed accounts of people who were paid.
func (d *demo) confirmAccounts(ctx context.Context) error {
	waiting, err := rosters.AccountRequests(ctx, d.App.Office, false, journal.By{})
	if err != nil || len(waiting) == 0 {
		return err
	}
	name := demoUser(approval.Reviewer, d.Pack.File.Bureaus[0].Code.Value)
	done, err := rosters.AnswerAccounts(ctx, d.App.Office, nil, true, true, d.who(name))
	if err != nil {
		return err
	}
	d.say("已发放过的人变更账户 %d 个，由 %s 确认后才生效", len(done), name)
	return nil
}

const demoPassword = "yanshi-2026-demo"

var demoPosts = []approval.Post{approval.Clerk, approval.Reviewer, approval.Approver}

// demoAuditor is the demo's 审计.
const demoAuditor = string(approval.Auditor) + "-demo"

func demoUser(post approval.Post, code string) string { return string(post) + "-" + code }

// addUsers makes three users a bureau. The password is for this demo's own database only.
func (d *demo) addUsers(ctx context.Context) error {
	for _, b := range d.Pack.File.Bureaus {
		for _, post := range demoPosts {
			u := approval.User{Name: demoUser(post, b.Code.Value), Post: post, Bureau: b.Name.Value, Active: true}
			if err := admin.AddUser(ctx, d.App.Office, u, demoPassword, d.who("os:"+kit.OSUser())); err != nil {
				return err
			}
		}
	}
	if err := d.confirmUsers(ctx); err != nil {
		return err
	}
	d.say("建立演示用户：每个单位经办、复核、审批各一人（如 %s，口令 %s），由 %s 确认", demoUser(approval.Clerk, "MZ"), demoPassword, demoAuditor)
	return nil
}

// confirmUsers lets 审计 confirm who signs, or all papers would say that nobody has.
func (d *demo) confirmUsers(ctx context.Context) error {
	u := approval.User{Name: demoAuditor, Post: approval.Auditor, Active: true}
	if err := admin.AddUser(ctx, d.App.Office, u, demoPassword, d.who("os:"+kit.OSUser())); err != nil {
		return err
	}
	for _, b := range d.Pack.File.Bureaus {
		for _, post := range demoPosts {
			name := demoUser(post, b.Code.Value)
			_, standing, err := users.Events(ctx, d.DB, d.Region, name)
			if err != nil {
				return err
			}
			if err := admin.ConfirmUser(ctx, d.App.Office, name, standing.Last, d.who(demoAuditor)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *demo) oneMonth(ctx context.Context, m month.Month) error {
	bar := d.Progress("计算 " + m.String())
	report, err := monthly.Run(ctx, d.App.Office, &monthly.RunOrder{Month: m, By: d.who("os:" + kit.OSUser()), Progress: bar.Show})
	bar.End()
	if err != nil {
		return err
	}
	d.say("计算 %s：%d 人，回看 %d 人，%d 个单位的批次", m.Chinese(), report.People, report.Touched, len(report.Bureaus))
	for _, b := range report.Bureaus {
		if err := d.sign(ctx, m, b.Batch); err != nil {
			return err
		}
	}
	d.say("独立复算一致；经办 → 复核 → 审批，%d 个批次全部通过", len(report.Bureaus))
	done, err := export.Write(ctx, d.App.Office, &export.Order{Month: m, Dir: d.out, By: d.who("os:" + kit.OSUser())})
	if err != nil {
		return err
	}
	d.say("写出 %s 的清册、名册和银行文件 %d 个：%s", m.Chinese(), len(done.Files)+1, filepath.Join(d.out, m.String()))
	return nil
}

// sign takes one batch through its three posts.
func (d *demo) sign(ctx context.Context, m month.Month, b payrun.Batch) error {
	bureau, err := d.Pack.Bureau(b.Bureau)
	if err != nil {
		return err
	}
	bar := d.Progress("独立复算 人")
	all := monthly.Submission{AcknowledgeAll: true, Progress: func(done int) { bar.Show(int64(done), 0) }}
	steps := []func(s monthly.Signing) (*monthly.Signed, error){
		func(s monthly.Signing) (*monthly.Signed, error) {
			defer bar.End()
			return monthly.Submit(ctx, d.App.Office, s, all)
		},
		func(s monthly.Signing) (*monthly.Signed, error) { return monthly.Review(ctx, d.App.Office, s) },
		func(s monthly.Signing) (*monthly.Signed, error) { return monthly.Approve(ctx, d.App.Office, s) },
	}
	for i, step := range steps {
		name := demoUser(demoPosts[i], bureau.Code.Value)
		s := monthly.Signing{Month: m, Bureau: b.Bureau, By: d.who(name)}
		if _, err := step(s); err != nil {
			return err
		}
	}
	return nil
}

// largest is the bureau that pays the most items.
func (d *demo) largest() string {
	items, most := map[string]int{}, ""
	for _, it := range d.Pack.Items() {
		if it.Pay == nil {
			continue
		}
		bureau := d.Pack.Payer(it.Code.Value)
		if items[bureau]++; items[bureau] > items[most] {
			most = bureau
		}
	}
	return most
}

// summary prints both months side by side and what to open next.
func (d *demo) summary(ctx context.Context) error {
	columns := []kit.Column{kit.TextColumn("month", "月份"), kit.TextColumn("bureau", "单位"), kit.NumberColumn("heads", "发放人数"), kit.NumberColumn("current", "当月"), kit.NumberColumn("arrears", "补发"),
		kit.NumberColumn("recovery", "扣回"), kit.NumberColumn("pays", "实发"), kit.NumberColumn("held", "暂缓")}
	var rows [][]string
	for _, m := range []month.Month{d.month - 1, d.month} {
		batchList, err := d.Batches(ctx, m, true)
		if err != nil {
			return err
		}
		for _, b := range batchList {
			if !d.Pack.Pays(b.Bureau) {
				continue
			}
			var t payrun.ItemTotal
			items, err := batches.ItemTotals(ctx, d.DB, d.Region, b.Number)
			if err != nil {
				return err
			}
			for _, it := range items {
				t.Current, t.Arrears, t.Recovery = t.Current.Add(it.Current), t.Arrears.Add(it.Arrears), t.Recovery.Add(it.Recovery)
			}
			rows = append(rows, []string{m.String(), b.Bureau, fmt.Sprint(b.Heads), t.Current.Grouped(), t.Arrears.Grouped(), t.Recovery.Grouped(), b.Pays.Grouped(), b.Held.Grouped()})
		}
	}
	if err := d.PrintTable(columns, rows); err != nil {
		return err
	}
	folder := filepath.Join(d.out, d.month.String(), d.largest())
	d.Printf("\n接下来可以打开：\n  %s\n  %s\n  %s\n", filepath.Join(folder, "发放清册.xlsx"), filepath.Join(folder, "服务名册.xlsx"), filepath.Join(folder, "bank"))
	d.Printf("或者查询：\n  disburse --data %s checks %s\n  disburse --data %s recovery\n", d.Data, d.month, d.Data)
	return nil
}

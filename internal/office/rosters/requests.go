package rosters

import (
	"context"
	"fmt"
	"strings"

	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/requests"
)

// AccountRequests lists the changes that wait for a second person (账户变更), by number.
// With full, for whoever shows whole account numbers, it is recorded.
func AccountRequests(ctx context.Context, o *office.Office, full bool, by journal.By) ([]requests.Request, error) {
	const all = 1 << 30
	open, err := requests.List(ctx, o.DB, o.Region, true, 0, 0, all)
	if err != nil || !full {
		return open, err
	}
	return open, o.LogAccess(ctx, by, journal.Viewed, "账户变更", 0)
}

// AnswerAccounts confirms changes that wait, or refuses them for By.Reason: those
// numbered, or all that By.Actor has not brought.
func AnswerAccounts(ctx context.Context, o *office.Office, numbers []int, all, grant bool, by journal.By) ([]requests.Request, error) {
	return imports.AnswerRequests(ctx, o.DB, imports.AnswerOrder{Region: o.Region, Numbers: numbers, All: all, Grant: grant, By: by})
}

// AccountText writes an account for a list; masked where full is false.
func AccountText(a roster.Account, full bool) string {
	number := a.Number
	if number != "" && !full {
		number = roster.MaskAccount(number)
	}
	text := strings.TrimSpace(a.Bank + " " + number)
	if a.Holder != "" {
		text += "（户名 " + a.Holder + "）"
	}
	if text == "" {
		return "无"
	}
	return text
}

func deputyText(d roster.Deputy) string {
	if d.Name == "" {
		return "无"
	}
	return " " + d.Name + "（" + d.Relation + "，" + d.Reason + "）"
}

// RequestText says what a request changes: what counts until it is confirmed, and what
// would then.
func RequestText(q *requests.Request, full bool) (before, after string) {
	if q.About.Account() {
		before, after = AccountText(q.Old, full), AccountText(q.New, full)
		if !full && before == after && q.Old != q.New {
			after += "（隐去的几位不同）"
		}
		if q.Deputes() {
			before, after = before+"，代领人"+deputyText(q.Before.Deputy), after+"，代领人"+deputyText(q.After.Deputy)
		}
		return before, after
	}
	none := &roster.Dossier{}
	before, after = strings.Join(roster.Texts(roster.Changes(none, &q.Before)), "；"), strings.Join(roster.Texts(roster.Changes(none, &q.After)), "；")
	if before == "" {
		before = "没有登记"
	}
	if after == "" {
		after = "撤销"
	}
	return before, after
}

// WaitingSentence names what waits for a second person; empty where nothing does.
func WaitingSentence(waiting []requests.Request) string {
	const most = 20
	if len(waiting) == 0 {
		return ""
	}
	var names []string
	for i := range waiting[:min(most, len(waiting))] {
		names = append(names, fmt.Sprintf("%s（第 %d 号，%s）", waiting[i].Name, waiting[i].N, waiting[i].About.Chinese()))
	}
	more := ""
	if len(waiting) > most {
		more = fmt.Sprintf("等 %d 件", len(waiting))
	}
	return fmt.Sprintf("等待第二人确认的变更 %d 件，确认以前仍按原来登记的发放：%s%s", len(waiting), strings.Join(names, "、"), more)
}

// ImportCloses says how many changes that waited for a second person an import has ended;
// empty where it ended none.
func ImportCloses(r *roster.Report) string {
	if r.Closed == 0 {
		return ""
	}
	return fmt.Sprintf("此前等待第二人确认的变更 %d 件随之了结：同一事项按这次所说的登记，原来的申请不再有效", r.Closed)
}

// ImportWaits says how much of an import waits for a second person, and where that is
// done; empty where nothing waits.
func ImportWaits(r *roster.Report) string {
	if r.Waiting == 0 {
		return ""
	}
	before := ""
	if r.Asked < r.Waiting {
		before = fmt.Sprintf("（其中 %d 件早已申请）", r.Waiting-r.Asked)
	}
	what := "已发放过的人和已有账户的收款单位，账户由没有经手的复核或审批确认后才变更，确认以前仍按原账户发放"
	switch r.Raises {
	case 0:
	case r.Waiting:
		what = "使发放增加的情况和核定金额，由没有经手的复核或审批确认后才算，确认以前仍按原来登记的发放"
	default:
		what = "已发放过的人和已有账户的收款单位的账户，使发放增加的情况和核定金额，由没有经手的复核或审批确认后才变更，确认以前仍按原来登记的发放"
	}
	return fmt.Sprintf("变更 %d 件%s等待第二人确认：%s", r.Waiting, before, what)
}

// AskAccount asks for a person's account to be changed; By.Reason has the document. Errors:
// those of imports.RequestAccount.
func AskAccount(ctx context.Context, o *office.Office, person int64, account roster.Account, by journal.By) (requests.Request, error) {
	return imports.RequestAccount(ctx, o.DB, o.Region, person, account, by)
}

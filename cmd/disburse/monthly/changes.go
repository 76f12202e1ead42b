package monthly

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/approval"
	"disburse/internal/office/monthly"
	"disburse/internal/roster"
	"disburse/internal/store/signing"
)

var changeColumns = []kit.Column{kit.TextColumn("id_number", "身份证号"), kit.TextColumn("name", "姓名"), kit.TextColumn("street", "街道"), kit.TextColumn("news", "以后的变更"),
	kit.TextColumn("blocks", "不应照发"), kit.NumberColumn("pays", "本批可发"), kit.NumberColumn("pays_change", "可发变化"), kit.NumberColumn("held_change", "暂缓变化"),
	kit.NumberColumn("owed_change", "应追回变化")}

// ChangesCommand is changes.
func ChangesCommand(a *kit.App) *cobra.Command {
	var bureau string
	c := a.Command("changes YYYY-MM", "以后的变更：批次算出以后才知道的、涉及批次内人员的变更及其影响", cobra.ExactArgs(1),
		func(ctx context.Context, args []string) error {
			m, err := kit.ParseMonth(args[0])
			if err != nil {
				return err
			}
			if bureau == "" {
				return kit.Usage("请用 --bureau 写明单位，如 --bureau 区民政局")
			}
			report, err := monthly.Changes(ctx, a.Office, m, bureau)
			if err != nil {
				return err
			}
			return printChanges(a, report)
		})
	c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
	return c
}

func printChanges(a *kit.App, r *signing.LaterReport) error {
	var rows [][]string
	for _, l := range r.People {
		rows = append(rows, []string{roster.MaskID(l.ID), l.Name, l.Street, strings.Join(l.News, "；"), strings.Join(l.Grave, "、"),
			l.Pays.String(), l.PaysMore.String(), l.HeldMore.String(), l.OwedMore.String()})
	}
	if err := a.PrintRows(changeColumns, rows); err != nil {
		return err
	}
	a.Remark("%s（按第 %d 号修订算出，看到第 %d 号修订）：%s", approval.Title(r.Batch), r.Batch.Revision, r.Revision, monthly.ChangesSentence(r))
	return nil
}

// tellLater says beside a signature what became known since the batch was computed.
func tellLater(a *kit.App, r *signing.LaterReport) {
	if len(r.People) == 0 {
		return
	}
	const most = 20
	a.Println(monthly.ChangesSentence(r))
	for i, l := range r.People {
		if i == most {
			a.Printf("  另有 %d 人，用 disburse changes %s --bureau %s 查看\n", len(r.People)-most, r.Batch.Month, r.Batch.Bureau)
			return
		}
		a.Printf("  %s（%s）%s：可发 %s 元，暂缓 %s 元，应追回 %s 元\n", l.Name, roster.MaskID(l.ID), strings.Join(l.News, "；"),
			signing.Signed(l.PaysMore), signing.Signed(l.HeldMore), signing.Signed(l.OwedMore))
	}
}

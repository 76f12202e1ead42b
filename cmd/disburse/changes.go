package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/office/monthly"
	"disburse/internal/roster"
	"disburse/internal/store/signing"
)

var changeColumns = []column{textColumn("id_number", "身份证号"), textColumn("name", "姓名"), textColumn("street", "街道"), textColumn("news", "以后的变更"),
	textColumn("blocks", "不应照发"), numberColumn("pays", "本批可发"), numberColumn("pays_change", "可发变化"), numberColumn("held_change", "暂缓变化"),
	numberColumn("owed_change", "应追回变化")}

// changesCommand is changes.
func (a *app) changesCommand() *cobra.Command {
	var bureau string
	c := a.command("changes YYYY-MM", "以后的变更：批次算出以后才知道的、涉及批次内人员的变更及其影响", cobra.ExactArgs(1),
		func(ctx context.Context, args []string) error {
			m, err := parseMonth(args[0])
			if err != nil {
				return err
			}
			if bureau == "" {
				return usage("请用 --bureau 写明单位，如 --bureau 区民政局")
			}
			report, err := monthly.Changes(ctx, a.Office, m, bureau)
			if err != nil {
				return err
			}
			return a.printChanges(report)
		})
	c.Flags().StringVar(&bureau, "bureau", "", "单位全称，如 区民政局")
	return c
}

func (a *app) printChanges(r *signing.LaterReport) error {
	var rows [][]string
	for _, l := range r.People {
		rows = append(rows, []string{roster.MaskID(l.ID), l.Name, l.Street, strings.Join(l.News, "；"), strings.Join(l.Grave, "、"),
			l.Pays.String(), l.PaysMore.String(), l.HeldMore.String(), l.OwedMore.String()})
	}
	if err := a.print(changeColumns, rows); err != nil {
		return err
	}
	a.remark("%s（按第 %d 号修订算出，看到第 %d 号修订）：%s", approval.Title(r.Batch), r.Batch.Revision, r.Revision, monthly.ChangesSentence(r))
	return nil
}

// tellLater says beside a signature what became known since the batch was computed.
func (a *app) tellLater(r *signing.LaterReport) {
	if len(r.People) == 0 {
		return
	}
	const most = 20
	a.println(monthly.ChangesSentence(r))
	for i, l := range r.People {
		if i == most {
			a.printf("  另有 %d 人，用 disburse changes %s --bureau %s 查看\n", len(r.People)-most, r.Batch.Month, r.Batch.Bureau)
			return
		}
		a.printf("  %s（%s）%s：可发 %s 元，暂缓 %s 元，应追回 %s 元\n", l.Name, roster.MaskID(l.ID), strings.Join(l.News, "；"),
			signing.Signed(l.PaysMore), signing.Signed(l.HeldMore), signing.Signed(l.OwedMore))
	}
}

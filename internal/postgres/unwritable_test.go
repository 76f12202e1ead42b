package postgres_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// A name that the form of the bank's files cannot hold stops submit and is named; with
// a map for its character the batch goes through.
func TestNameThatTheBankCannotRead(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	narrow := []string{"aliases: [工行, 工商银行],", "aliases: [工行, 工商银行], shape: 定长文本,"}
	d.Pack = d.Load(narrow...)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1940, func(p *roster.Person) { p.Name, p.Account.Bank = "某𠮷", "工行" })))
	d.Run(storetest.At(11))
	var sentences []string
	for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Blocking) {
		sentences = append(sentences, f.Kind)
	}
	d.Want("blocking", sentences, "银行文件")
	_, err := signing.Submit(t.Context(), d.Db, storetest.By(storetest.Clerk, "看过"), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
	storetest.Saying(t, err, fault.Refused, "某𠮷", "“中国工商银行”的银行文件写不下户名", "U+20BB7", "GBK")

	d.Pack = d.Load(append(narrow, `- {from: "㐂", to: 喜}`, `- {from: "𠮷", to: 吉}`)...)
	d.Run(storetest.At(11))
	if found := d.Findings(d.Batch(storetest.At(11)), payrun.Blocking); len(found) != 0 {
		t.Errorf("mapped, but %+v", found)
	}
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted)
}

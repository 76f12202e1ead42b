package postgres_test

import (
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// A name that the form of the bank's files cannot hold stops submit and is named; with
// a map for its character the batch goes through.
func TestNameThatTheBankCannotRead(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	narrow := []string{"aliases: [工行, 工商银行],", "aliases: [工行, 工商银行], shape: 定长文本,"}
	d.pack = d.load(narrow...)
	d.learn(newSheet(everyColumn).people(resident(1940, func(p *roster.Person) { p.Name, p.Account.Bank = "某𠮷", "工行" })))
	d.run(at(11))
	var sentences []string
	for _, f := range d.findings(d.batch(at(11)), payrun.Blocking) {
		sentences = append(sentences, f.Kind)
	}
	d.want("blocking", sentences, "银行文件")
	_, err := d.db.Submit(t.Context(), by(clerk, "看过"), postgres.Submission{AcknowledgeAll: true, Judge: agrees})
	saying(t, err, fault.Refused, "某𠮷", "“中国工商银行”的银行文件写不下户名", "U+20BB7", "GBK")

	d.pack = d.load(append(narrow, `- {from: "㐂", to: 喜}`, `- {from: "𠮷", to: 吉}`)...)
	d.run(at(11))
	if found := d.findings(d.batch(at(11)), payrun.Blocking); len(found) != 0 {
		t.Errorf("mapped, but %+v", found)
	}
	d.signTo(at(11), deskBureau, payrun.Submitted)
}

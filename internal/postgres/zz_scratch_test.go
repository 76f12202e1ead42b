package postgres_test
import ("testing";"time";"fmt";"disburse/internal/payrun")
func TestZZScale(t *testing.T) {
	d := openDistrict(t)
	p := d.populate(60000, at(9))
	s := time.Now()
	step := func(n string) { fmt.Println(n, time.Since(s).Round(time.Millisecond)); s = time.Now() }
	if _, err := d.tryRun(d.order(at(9))); err != nil { t.Fatal(err) }
	step("run 1")
	d.exec(`UPDATE finding SET level=4 WHERE level=1`)
	d.signTo(at(9), deskBureau, payrun.Approved); step("sign")
	d.take(p.Changes(at(9), at(10))); step("changes")
	r, err := d.tryRun(d.order(at(10))); if err != nil { t.Fatal(err) }
	step(fmt.Sprint("run 2 touched ", r.Touched))
	o := d.order(at(10)); o.Full = true
	if _, err := d.tryRun(o); err != nil { t.Fatal(err) }
	step("run 2 full")
}

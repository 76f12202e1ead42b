package modeltest

import (
	"maps"
	"slices"

	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/runs"
)

// batch is a bureau's batch as the model has it.
type batch struct {
	number   int32
	month    month.Month
	bureau   string
	n        int
	state    payrun.State
	handed   bool  // it was submitted once
	rev      int64 // what was known when it was computed
	raised   bool  // by the second pack
	lines    map[lineKey]line
	debts    map[key]money.Fen
	later    map[key]money.Fen // debts of a run that made no batch after it; nil: no such run
	laterRev int64
	doubts   map[int64]map[string]string
	refused  map[string]string  // payments that failed → what a decision about the account rests on
	then     map[int64]standing // its people, as it knew them
	signed   int64              // the revision of its approval
	sent     bool
	voiding  string // who asked for it to be voided
	paid     map[payee]*payment
}

// payee is what a payment is for.
type payee struct {
	person int64 // 0: an institution or bureau
	name   string
	item   string
}

type payment struct {
	amount  money.Fen
	account roster.Account
	carries []lineKey
	number  string // of the bank file
	seq     int
	answer  bank.Outcome // the last; 0: none
	code    string
}

func (b *batch) pays() (pays, held money.Fen) {
	for _, l := range b.lines {
		if l.hold == 0 {
			pays += l.amount
		} else {
			held += l.amount
		}
	}
	return pays, held
}

// step is what a run is to do for one bureau.
type turn struct {
	bureau  string
	outcome runs.Outcome
	batch   *batch // that is made again, or that stands
	before  *batch // the last approved one
	n       int
	later   bool // a later month has been run
}

// turns are what a run of the month is to do, bureau by bureau.
func (w *model) turns(m month.Month, bureaus []string) []turn {
	var all []turn
	for _, bureau := range bureaus {
		t := turn{bureau: bureau, outcome: runs.Made, n: 1}
		var latest *batch
		for _, b := range w.ordered() {
			switch {
			case b.bureau != bureau || t.outcome == runs.Blocked:
				continue
			case b.month > m && b.state == payrun.CarriedOver: // into a later one, or discarded with it
				continue
			case b.month > m:
				t.outcome, t.batch, t.later = runs.Blocked, b, true
				continue
			case b.state.InSigning() && b.month < m:
				t.outcome, t.batch = runs.Blocked, b
				continue
			case b.state == payrun.Approved:
				t.before = b
			}
			if b.month == m {
				latest = b
			}
		}
		switch {
		case t.outcome == runs.Blocked || latest == nil:
		case latest.state.InSigning():
			t.outcome, t.batch = runs.Untouched, latest
		case latest.state.Unsigned(), latest.state == payrun.CarriedOver:
			t.outcome, t.batch, t.n = runs.Remade, latest, latest.n
		default:
			t.outcome, t.n = runs.Supplementary, latest.n+1
		}
		all = append(all, t)
	}
	return all
}

// ordered are the batches by month and number.
func (w *model) ordered() []*batch {
	all := slices.Clone(w.batches)
	slices.SortStableFunc(all, func(a, b *batch) int { return int(a.month-b.month)*1000 + a.n - b.n })
	return all
}

// latest is the batch of a bureau's month that is signed next; nil: none.
func (w *model) latest(bureau string, m month.Month) (last *batch) {
	for _, b := range w.ordered() {
		if b.bureau == bureau && b.month == m {
			last = b
		}
	}
	return last
}

// settle enters what an approved batch pays, and makes its payments.
func (w *model) settle(b *batch, rev int64) {
	b.state, b.signed, b.paid = payrun.Approved, rev, map[payee]*payment{}
	for k, l := range b.lines {
		if l.hold != 0 {
			continue
		}
		w.settled[k.key] += l.amount
		to := payee{k.person, k.payee, k.against}
		if k.payee != roster.Myself {
			to.person = 0
		}
		if b.paid[to] == nil {
			b.paid[to] = &payment{}
		}
		p := b.paid[to]
		p.amount += l.amount
		p.carries = append(p.carries, k)
		if l.kind != payrun.Recovery {
			p.account = l.account
		}
	}
	for to, p := range b.paid {
		if p.amount == 0 {
			delete(b.paid, to)
		}
	}
}

// undo takes lines out of what is settled, of whoever the person is by now.
func (w *model) undo(b *batch, keys []lineKey) {
	for _, k := range keys {
		amount := b.lines[k].amount
		k.person = w.survivor(k.person)
		w.settled[k.key] -= amount
	}
}

// merge makes one person of two: what was settled and waived of the one is the other's.
func (w *model) merge(kept, gone, rev int64) {
	for k, amount := range w.settled {
		if k.person == gone {
			to := k
			to.person = kept
			w.returned = append(w.returned, returned{k, amount, rev, true}, returned{to, -amount, rev, true})
		}
	}
	for _, all := range []map[key]money.Fen{w.settled, w.waived, w.stated} {
		for k, amount := range maps.Clone(all) {
			if k.person == gone {
				to := k
				to.person = kept
				all[to] += amount
			}
		}
	}
	maps.DeleteFunc(w.settled, func(k key, _ money.Fen) bool { return k.person == gone })
	w.people[gone-1].gone = kept
	w.learned()
}

// returned is money that came in for a debt, or was waived; or that went to another
// record, or came from it, when two were merged.
type returned struct {
	key
	amount money.Fen
	rev    int64
	moved  bool
}

// register is the recovery register: of each bureau's latest batch that counts, less what
// came in since.
func (w *model) register() map[key]money.Fen {
	latest := map[string]*batch{}
	for _, b := range w.ordered() {
		if b.state != payrun.CarriedOver && b.state != payrun.Voided {
			latest[b.bureau] = b
		}
	}
	all := map[key]money.Fen{}
	for _, b := range latest {
		debts, rev := b.debts, b.rev
		if b.later != nil {
			debts, rev = b.later, b.laterRev
		}
		for k, d := range debts {
			var moved money.Fen
			for _, r := range w.returned {
				switch {
				case r.key != k || r.rev <= rev:
				case r.moved:
					moved += r.amount
				default:
					d -= r.amount
				}
			}
			if d -= max(0, moved); d > 0 {
				all[k] = d
			}
		}
	}
	return all
}

// news reports whether lines say more than the last approved batch held.
func news(lines map[lineKey]line, before *batch) bool {
	for k, l := range lines {
		if l.kind == payrun.Recovery {
			continue
		}
		if was, ok := before.lines[k]; l.hold == 0 || !ok || was.hold == 0 || was.amount != l.amount {
			return true
		}
	}
	return false
}

// standing is what a batch knew of somebody that forbids paying when it is otherwise now.
type standing struct {
	died      month.Date
	alone     bool // nobody draws the money in their place
	suspended bool
}

// dead reports whether the death takes or keeps back the line of a key in a batch of a
// month: the month of death is paid, of what is the person's own nothing later on without
// a 代领人.
func (s standing) dead(k key, of month.Month) bool {
	if s.died == 0 {
		return false
	}
	own := k.payee == roster.Myself && s.alone && s.died < of.First()
	return own || k.item != "18-4" && s.died < k.month.First()
}

func (w *model) standing(n int64, m month.Month) standing {
	p := w.people[n-1]
	return standing{p.Died, p.Deputy.Name == "", p.on("暂停发放", m.First()) != ""}
}

// grave reports whether a batch would pay somebody of whom a death, a 暂停发放 or a refused
// account became known since.
func (w *model) grave(b *batch) bool {
	for k, l := range b.lines {
		p, now, then := w.people[k.person-1], w.standing(k.person, b.month), b.then[k.person]
		switch payment := w.refused[l.account]; {
		case l.hold != 0 || p.gone != 0:
		case now.dead(k.key, b.month) && !then.dead(k.key, b.month), now.suspended && !then.suspended,
			payment != "" && !w.released[refusal(l.account, payment)]:
			return true
		}
	}
	return false
}

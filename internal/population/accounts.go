package population

import (
	"strconv"

	"disburse/internal/month"
	"disburse/internal/roster"
)

// format is how a bank numbers its accounts here: a made-up prefix, then digits
// that are this account's alone. Cards end in a Luhn digit, passbooks (存折) do not.
type format struct {
	bank   string
	prefix string
	length int
	card   bool
}

// formats by the share of people in 1/1000. The prefixes are nobody's.
var formats = among(
	share[format]{format{"农村信用社", "14029900", 22, false}, 110},
	share[format]{format{"农村信用社", "620000", 19, true}, 150},
	share[format]{format{"中国邮政储蓄银行", "620001", 19, true}, 190},
	share[format]{format{"中国工商银行", "620002", 19, true}, 140},
	share[format]{format{"中国农业银行", "620003", 19, true}, 140},
	share[format]{format{"中国建设银行", "620004", 19, true}, 110},
	share[format]{format{"中国银行", "620005", 19, true}, 60},
	share[format]{format{"交通银行", "620006", 19, true}, 30},
	share[format]{format{"招商银行", "620007", 16, true}, 15},
	share[format]{format{"中国光大银行", "620008", 16, true}, 15},
	share[format]{format{"晋商银行", "620009", 16, true}, 40},
)

// Shares of accounts.
const (
	noAccount     = 0.005
	holderWritten = 0.15   // 账户户名 is filled in though it is the person's own name
	otherHolder   = 0.0008 // somebody else's name, and nothing says why
	sharedByTwo   = 0.002  // of pairs of neighbours in the list: one account for both
)

// held is the chance that a 代领人 receives the money.
var held = byAge{0.002, 0.003, 0.005, 0.01, 0.03, 0.05, 0.09, 0.12}

// versions is how many accounts one person can have had.
const versions = 64

// open gives the person an account of their own; another version, another number.
func (d *draft) open(version int) {
	f := formats.pick(d.r)
	d.Account = roster.Account{Bank: f.bank, Number: f.number(d, uint64(d.i*versions+version%versions))}
}

// number writes an account number around the account's own nine digits, which no
// other account of the population has: a bijection of its place in the list.
func (f format) number(d *draft, account uint64) string {
	const space = 1_000_000_000
	own := (account*618_033_989 + mix(d.pop.o.Seed, 6)%space) % space
	b := append(make([]byte, 0, 22), f.prefix...)
	for len(b) < f.length-9-luhnDigits(f.card) {
		b = append(b, byte('0'+d.r.IntN(10)))
	}
	b = append(b, strconv.FormatUint(space+own, 10)[1:]...)
	if f.card {
		b = append(b, luhn(b))
	}
	return string(b)
}

func luhnDigits(card bool) int {
	if card {
		return 1
	}
	return 0
}

// luhn returns the digit that makes a card number pass.
func luhn(digits []byte) byte {
	sum := 0
	for i := range digits {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			n = n*2/10 + n*2%10
		}
		sum += n
	}
	return byte('0' + (10-sum%10)%10)
}

// banks gives the person where money goes, or nothing.
func (d *draft) banks() {
	if d.chance(noAccount) {
		return
	}
	d.open(0)
	switch {
	case d.chance(holderWritten):
		d.Account.Holder = d.Name
	case d.chance(held.at(d.years())):
		d.deputise()
	case d.chance(otherHolder):
		d.Account.Holder = d.name(!d.woman)
	}
}

// relations of 代领人 to the person.
var relations = among(
	share[string]{"儿子", 45}, share[string]{"女儿", 25}, share[string]{"配偶", 12},
	share[string]{"侄子", 8}, share[string]{"儿媳", 6}, share[string]{"社区代办员", 4},
)

var deputyReasons = []string{"长期卧床", "行动不便", "视力障碍无法办理", "随子女异地居住", "本人无法办理银行业务"}

// deputise names a 代领人, whose account then receives the money.
func (d *draft) deputise() {
	relation := relations.pick(d.r)
	woman := relation == "女儿" || relation == "儿媳" || (relation == "配偶" && !d.woman)
	name := d.name(woman)
	if relation == "侄子" || (!d.woman && (relation == "儿子" || relation == "女儿")) {
		name = surname(d.Name) + d.given(woman)
	}
	d.Deputy = roster.Deputy{Name: name, Relation: relation, Reason: one(d.r, deputyReasons)}
	d.Account.Holder = name
}

// identity gives name, home, phone and account. Now and then two neighbours in the
// list are a couple with one account; half of these say so.
func (d *draft) identity() {
	d.woman = d.chance(womenAt.at(d.years()))
	d.Name = d.name(d.woman)
	d.lives()
	d.Phone = d.phone()
	d.banks()
	pair := mix(d.pop.o.Seed, 7, uint64(d.i/2))
	if d.i%2 == 0 || d.i <= len(d.pop.cast) || d.i >= d.pop.o.People || pair%10_000 >= sharedByTwo*10_000 {
		return
	}
	d.sharesWith(d.i-1, pair>>32%2 == 0)
}

// sharesWith makes the person live with somebody on the first roster and use their account.
func (d *draft) sharesWith(i int, said bool) {
	if d.spouse == nil {
		d.spouse = d.pop.draft()
	}
	s := d.spouse
	s.first(i)
	if s.Account.Number == "" {
		return
	}
	d.Street, d.Community, d.Address = s.Street, s.Community, s.Address
	d.Account, d.Deputy = s.Account, roster.Deputy{}
	d.Account.Holder = s.HolderName()
	if said {
		d.Deputy = roster.Deputy{Name: d.Account.Holder, Relation: "配偶", Reason: "夫妻共用账户"}
	}
}

// womenAt is the share of women.
var womenAt = byAge{0.51, 0.515, 0.53, 0.545, 0.56, 0.58, 0.62, 0.68}

// own gives the person a first account and nobody else's name on it.
func (d *draft) own() {
	d.open(0)
	d.Deputy = roster.Deputy{}
}

// reopen gives the person the account of a later month, in their own name.
func (d *draft) reopen(m month.Month) {
	d.open(int(m - d.month()))
	d.Deputy = roster.Deputy{}
}

package office

import (
	"context"
	"strings"
	"sync"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/audit"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
)

// Office is one region's, under one pack. It may be used by many goroutines.
type Office struct {
	DB     *postgres.DB
	Region int32 // six-digit division code (行政区划代码)
	Pack   *policy.Pack

	packs *packCache
}

// packCache are packs that were read once. A pack never changes, so none is read twice.
type packCache struct {
	lock   sync.Mutex
	byHash map[string]*policy.Pack
}

// New makes the office of a region under a pack.
func New(db *postgres.DB, region int32, pack *policy.Pack) *Office {
	return &Office{DB: db, Region: region, Pack: pack, packs: &packCache{byHash: map[string]*policy.Pack{}}}
}

// Under is the same office under another pack.
func (o *Office) Under(pack *policy.Pack) *Office {
	return &Office{DB: o.DB, Region: o.Region, Pack: pack, packs: o.packs}
}

// Current is the office under the pack that the region has adopted by now; o itself
// where that has not changed, or where none is adopted yet.
//
// A server asks for it with every request: a pack may be adopted while it runs.
func (o *Office) Current(ctx context.Context) (*Office, error) {
	hash, err := packs.AdoptedHash(ctx, o.DB, o.Region)
	if err != nil || hash == "" || hash == o.Pack.Hash {
		return o, err
	}
	pack, err := o.PackOf(ctx, hash)
	if err != nil {
		return nil, fault.Wrap(err, fault.Refused, "%s；请换用读得出它的程序版本，或用 --policy 写明规则包", err.Error())
	}
	return o.Under(pack), nil
}

// PackOf returns a pack by its hash: the one at hand, one read before, or the database's.
func (o *Office) PackOf(ctx context.Context, hash string) (*policy.Pack, error) {
	if hash == o.Pack.Hash {
		return o.Pack, nil
	}
	o.packs.lock.Lock()
	pack := o.packs.byHash[hash]
	o.packs.lock.Unlock()
	if pack != nil {
		return pack, nil
	}
	pack, err := batches.Pack(ctx, o.DB, o.Region, hash)
	if err != nil {
		return nil, err
	}
	o.packs.lock.Lock()
	o.packs.byHash[hash] = pack
	o.packs.lock.Unlock()
	return pack, nil
}

// KnownBureau complains of a bureau that the pack does not have; empty stands for all.
func (o *Office) KnownBureau(name string) error {
	if name == "" {
		return nil
	}
	_, err := o.Pack.Bureau(name)
	return err
}

// LogAccess logs that one person's full numbers are about to be shown or written; person 0:
// those of many. Nothing may be handed out when it fails.
func (o *Office) LogAccess(ctx context.Context, by journal.By, action, subject string, person int64, scope ...string) error {
	by.Reason = ""
	return audit.LogAccess(ctx, o.DB, o.Region, by, journal.Access{Action: action, Subject: subject, Person: person, Scope: joinWords(scope)})
}

// joinWords joins the words that are not empty.
func joinWords(words []string) string {
	var said []string
	for _, w := range words {
		if w != "" {
			said = append(said, w)
		}
	}
	return strings.Join(said, " ")
}

// User is the one who acts; the database reads post and bureau itself, again each time.
func User(by journal.By) approval.User { return approval.User{Name: by.Actor} }

// Today is the day on which somebody does something.
func Today(by journal.By) month.Date { return month.FromTime(by.At.In(month.Shanghai)) }

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/packs"
)

// A database that holds one region means that region; with several, a command must say
// which (--region, or a pack of that region by --policy); an empty one takes the pack's.
// Nothing goes into a region that nobody named.

// presence is what a command asks of its region.
type presence int

const (
	isThere  presence = iota // the region must be in the database, which may be empty
	mayBegin                 // the command may be the region's first
)

// flags are what the common flags say of region and pack.
type flags struct {
	region int32        // 0: not said
	pack   *policy.Pack // nil: not said
}

// flags reads the common flags.
func (a *app) flags() (f flags, err error) {
	if a.format != "table" && a.format != "csv" && a.format != "json" && a.format != "text" {
		return f, usage("--format 只能是 table、csv 或 json，不能是“%s”", a.format)
	}
	if a.regionCode != "" {
		code, err := strconv.Atoi(a.regionCode)
		if err != nil || code < 100000 || code > 999999 {
			return f, usage("--region 应为六位行政区划代码，不能是“%s”", a.regionCode)
		}
		f.region = int32(code)
	}
	if a.policyFile == "" {
		return f, nil
	}
	body, err := os.ReadFile(a.policyFile)
	if err != nil {
		return f, fault.Wrap(err, fault.NotFound, "读不到规则包“%s”，请核对 --policy 的路径", a.policyFile)
	}
	if f.pack, err = policy.LoadOnce(body); err != nil {
		return f, err
	}
	own := regionOf(f.pack)
	if f.region != 0 && f.region != own.Code {
		return f, fault.New(fault.Invalid, "--policy 的规则包是 %s 的，--region 写的是 %d，请核对其中之一", own, f.region)
	}
	f.region = own.Code
	return f, nil
}

// regionOf is the region whose pack it is.
func regionOf(pack *policy.Pack) postgres.Region {
	code, _ := strconv.Atoi(pack.File.Region.Value) // six digits, by policy's checks
	return postgres.Region{Code: int32(code), Name: pack.File.District.Value}
}

// builtIn is the pack that comes with the program.
func builtIn() (*policy.Pack, error) { return policy.LoadOnce(policy.Builtin()) }

// rules settles region and pack for commands that have no database.
func (a *app) rules() error {
	f, err := a.flags()
	if err == nil && f.pack == nil {
		f.pack, err = builtIn()
	}
	if err != nil {
		return err
	}
	if f.region == 0 {
		f.region = regionOf(f.pack).Code
	}
	a.Office = office.New(nil, f.region, f.pack)
	return nil
}

// open starts or reaches the database, brings it up to date and enters the region that
// the command is about.
func (a *app) open(ctx context.Context, p presence) error {
	f, err := a.connect(ctx)
	if err != nil {
		return err
	}
	region, err := a.region(ctx, f, p)
	if err != nil {
		return err
	}
	return a.enter(ctx, f, region)
}

// connect reads the flags and opens the database.
func (a *app) connect(ctx context.Context) (flags, error) {
	f, err := a.flags()
	if err == nil {
		err = a.dial(ctx)
	}
	return f, err
}

// dial reaches the database, brings it up to date as its owner and opens it as the daily
// login.
func (a *app) dial(ctx context.Context) error {
	owner, err := a.reach(ctx)
	if err != nil {
		return err
	}
	if err := a.upToDate(ctx, owner); err != nil {
		return err
	}
	a.pool, err = postgres.Open(ctx, a.address())
	return err
}

// region finds the one region that the command is about, and makes its row where it may
// begin it.
func (a *app) region(ctx context.Context, f flags, p presence) (int32, error) {
	there, err := a.pool.Regions(ctx)
	if err != nil {
		return 0, err
	}
	held := holders(there)
	if f.region == 0 && len(held) > 0 {
		if len(held) > 1 {
			return 0, fault.New(fault.Refused, "数据库里有 %d 个区划：%s，请用 --region 写明是哪一个", len(held), listed(held))
		}
		return held[0].Code, nil
	}
	if slices.ContainsFunc(there, func(x postgres.Region) bool { return x.Code == f.region }) {
		return f.region, nil
	}
	own, err := beginner(f)
	empty := len(held) == 0 || held[0].Head == 0
	switch {
	case err != nil:
		return 0, err
	case !empty && p != mayBegin:
		return 0, fault.New(fault.NotFound, "数据库里没有 %s 的内容，只有 %s，请核对 --region 或 --policy", own, listed(held))
	case !empty:
		a.tell(fmt.Sprintf("注意：数据库里已有 %s，现在新建 %s；以后的命令要用 --region 写明区划", listed(held), own))
	}
	return own.Code, a.pool.EnsureRegion(ctx, own.Code, own.Name)
}

// beginner is the region that the flags may begin: a pack must be known for it, as a
// mistyped code would make a district.
func beginner(f flags) (postgres.Region, error) {
	pack, err := f.pack, error(nil)
	if pack == nil {
		if pack, err = builtIn(); err != nil {
			return postgres.Region{}, err
		}
	}
	if own := regionOf(pack); f.region == 0 || own.Code == f.region {
		return own, nil
	}
	return postgres.Region{}, fault.New(fault.NotFound, "数据库里没有区划 %d，请核对 --region；新的区划请用 --policy 写明它的规则包", f.region)
}

// holders are the regions that hold something; where none does, those that were begun.
func holders(there []postgres.Region) []postgres.Region {
	var held []postgres.Region
	for _, r := range there {
		if r.Head > 0 {
			held = append(held, r)
		}
	}
	if len(held) == 0 {
		return there
	}
	return held
}

// listed names regions in one sentence.
func listed(regions []postgres.Region) string {
	var names []string
	for _, r := range regions {
		names = append(names, r.String())
	}
	return strings.Join(names, "、")
}

// enter makes the office of a region under its pack.
func (a *app) enter(ctx context.Context, f flags, region int32) error {
	pack, err := a.packOf(ctx, f, region)
	if err != nil {
		return err
	}
	a.Office = office.New(a.pool, region, pack)
	return nil
}

// packOf is the pack that --policy names, the adopted one, or where none is adopted yet
// the built-in one or the one that the command is about, if it is the region's.
func (a *app) packOf(ctx context.Context, f flags, region int32) (*policy.Pack, error) {
	if f.pack != nil {
		return f.pack, nil
	}
	own, err := builtIn()
	if err != nil {
		return nil, err
	}
	switch hash, err := packs.AdoptedHash(ctx, a.pool, region); {
	case err != nil:
		return nil, err
	case hash != "":
		current, err := office.New(a.pool, region, own).Current(ctx)
		if err != nil {
			return nil, err
		}
		return current.Pack, nil
	case regionOf(own).Code == region:
		return own, nil
	}
	if a.offered != "" {
		if pack, err := filePack(a.offered); err == nil && regionOf(pack).Code == region {
			return pack, nil
		}
	}
	return nil, fault.New(fault.Refused, "区划 %d 还没有采用规则包，请用 --policy 写明它的规则包文件，或先用 policy adopt 采用", region)
}

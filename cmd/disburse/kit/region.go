package kit

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

// Presence is what a command asks of its region.
type Presence int

const (
	IsThere  Presence = iota // the region must be in the database, which may be empty
	MayBegin                 // the command may be the region's first
)

// Flags are what the common flags say of region and pack.
type Flags struct {
	Region int32        // 0: not said
	pack   *policy.Pack // nil: not said
}

// Flags reads the common flags.
func (a *App) Flags() (f Flags, err error) {
	if a.Format != "table" && a.Format != "csv" && a.Format != "json" && a.Format != "text" {
		return f, Usage("--format 只能是 table、csv 或 json，不能是“%s”", a.Format)
	}
	if a.RegionCode != "" {
		code, err := strconv.Atoi(a.RegionCode)
		if err != nil || code < 100000 || code > 999999 {
			return f, Usage("--region 应为六位行政区划代码，不能是“%s”", a.RegionCode)
		}
		f.Region = int32(code)
	}
	if a.PolicyFile == "" {
		return f, nil
	}
	body, err := os.ReadFile(a.PolicyFile)
	if err != nil {
		return f, fault.Wrap(err, fault.NotFound, "读不到规则包“%s”，请核对 --policy 的路径", a.PolicyFile)
	}
	if f.pack, err = policy.LoadOnce(body); err != nil {
		return f, err
	}
	own := RegionOf(f.pack)
	if f.Region != 0 && f.Region != own.Code {
		return f, fault.New(fault.Invalid, "--policy 的规则包是 %s 的，--region 写的是 %d，请核对其中之一", own, f.Region)
	}
	f.Region = own.Code
	return f, nil
}

// RegionOf is the region whose pack it is.
func RegionOf(pack *policy.Pack) postgres.Region {
	code, _ := strconv.Atoi(pack.File.Region.Value) // six digits, by policy's checks
	return postgres.Region{Code: int32(code), Name: pack.File.District.Value}
}

// BuiltIn is the pack that comes with the program.
func BuiltIn() (*policy.Pack, error) { return policy.LoadOnce(policy.Builtin()) }

// Rules settles region and pack for commands that have no database.
func (a *App) Rules() error {
	f, err := a.Flags()
	if err == nil && f.pack == nil {
		f.pack, err = BuiltIn()
	}
	if err != nil {
		return err
	}
	if f.Region == 0 {
		f.Region = RegionOf(f.pack).Code
	}
	a.Office = office.New(nil, f.Region, f.pack)
	return nil
}

// Open starts or reaches the database, brings it up to date and enters the region that
// the command is about.
func (a *App) Open(ctx context.Context, p Presence) error {
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
func (a *App) connect(ctx context.Context) (Flags, error) {
	f, err := a.Flags()
	if err == nil {
		err = a.dial(ctx)
	}
	return f, err
}

// dial reaches the database, brings it up to date as its owner and opens it as the daily
// login.
func (a *App) dial(ctx context.Context) error {
	owner, err := a.Reach(ctx)
	if err != nil {
		return err
	}
	if err := a.UpToDate(ctx, owner); err != nil {
		return err
	}
	a.Pool, err = postgres.Open(ctx, a.Address())
	return err
}

// region finds the one region that the command is about, and makes its row where it may
// begin it.
func (a *App) region(ctx context.Context, f Flags, p Presence) (int32, error) {
	there, err := a.Pool.Regions(ctx)
	if err != nil {
		return 0, err
	}
	held := holders(there)
	if f.Region == 0 && len(held) > 0 {
		if len(held) > 1 {
			return 0, fault.New(fault.Refused, "数据库里有 %d 个区划：%s，请用 --region 写明是哪一个", len(held), RegionList(held))
		}
		return held[0].Code, nil
	}
	if slices.ContainsFunc(there, func(x postgres.Region) bool { return x.Code == f.Region }) {
		return f.Region, nil
	}
	own, err := beginner(f)
	empty := len(held) == 0 || held[0].Head == 0
	switch {
	case err != nil:
		return 0, err
	case !empty && p != MayBegin:
		return 0, fault.New(fault.NotFound, "数据库里没有 %s 的内容，只有 %s，请核对 --region 或 --policy", own, RegionList(held))
	case !empty:
		a.Tell(fmt.Sprintf("注意：数据库里已有 %s，现在新建 %s；以后的命令要用 --region 写明区划", RegionList(held), own))
	}
	return own.Code, a.Pool.EnsureRegion(ctx, own.Code, own.Name)
}

// beginner is the region that the flags may begin: a pack must be known for it, as a
// mistyped code would make a district.
func beginner(f Flags) (postgres.Region, error) {
	pack, err := f.pack, error(nil)
	if pack == nil {
		if pack, err = BuiltIn(); err != nil {
			return postgres.Region{}, err
		}
	}
	if own := RegionOf(pack); f.Region == 0 || own.Code == f.Region {
		return own, nil
	}
	return postgres.Region{}, fault.New(fault.NotFound, "数据库里没有区划 %d，请核对 --region；新的区划请用 --policy 写明它的规则包", f.Region)
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

// RegionList names regions in one sentence.
func RegionList(regions []postgres.Region) string {
	var names []string
	for _, r := range regions {
		names = append(names, r.String())
	}
	return strings.Join(names, "、")
}

// enter makes the office of a region under its pack.
func (a *App) enter(ctx context.Context, f Flags, region int32) error {
	pack, err := a.packOf(ctx, f, region)
	if err != nil {
		return err
	}
	a.Office = office.New(a.Pool, region, pack)
	return nil
}

// packOf is the pack that --policy names, the adopted one, or where none is adopted yet
// the built-in one or the one that the command is about, if it is the region's.
func (a *App) packOf(ctx context.Context, f Flags, region int32) (*policy.Pack, error) {
	if f.pack != nil {
		return f.pack, nil
	}
	own, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	switch hash, err := packs.AdoptedHash(ctx, a.Pool, region); {
	case err != nil:
		return nil, err
	case hash != "":
		current, err := office.New(a.Pool, region, own).Current(ctx)
		if err != nil {
			return nil, err
		}
		return current.Pack, nil
	case RegionOf(own).Code == region:
		return own, nil
	}
	if a.Offered != "" {
		if pack, err := FilePack(a.Offered); err == nil && RegionOf(pack).Code == region {
			return pack, nil
		}
	}
	return nil, fault.New(fault.Refused, "区划 %d 还没有采用规则包，请用 --policy 写明它的规则包文件，或先用 policy adopt 采用", region)
}

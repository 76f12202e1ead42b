package policies

import (
	"context"
	"errors"
	"io/fs"
	"regexp"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/fault"
	"disburse/internal/office/policies"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/store/packs"
)

// The names of packs that are no files.
const (
	builtInPack = "built-in"
	builtInName = "内置"
	adoptedName = "在用"
)

// hashPrefix is how a stored pack is named: by the beginning of its hash.
var hashPrefix = regexp.MustCompile(`^[0-9a-fA-F]{6,64}$`)

func policyDiffCommand(a *kit.App) *cobra.Command {
	c := &cobra.Command{Use: "diff A B", Short: "用文字说明两个规则包有什么不同", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			return printDiff(c.Context(), a, args[0], args[1])
		}}
	c.Long = "逐条说明 B 与 A 有什么不同：标准（自哪月起、依据）、项目的条件、排除情形、金额、收款人、就高组、检查设定、银行等。\n" +
		"A、B 可以是文件，或者 内置（built-in）、在用（采用的规则包）、库里规则包哈希的前几位（见 policy list）。"
	return c
}

func printDiff(ctx context.Context, a *kit.App, first, second string) error {
	was, err := namedPack(ctx, a, first)
	if err != nil {
		return err
	}
	is, err := namedPack(ctx, a, second)
	if err != nil {
		return err
	}
	found := diff.Files(was.File, is.File)
	if a.Format == "csv" || a.Format == "json" {
		columns := []kit.Column{kit.TextColumn("part", "部分"), kit.TextColumn("subject", "名称"), kit.TextColumn("text", "不同")}
		rows := [][]string{}
		for _, d := range found {
			rows = append(rows, []string{d.Part, d.Subject, d.Sentence})
		}
		return a.PrintRows(columns, rows)
	}
	a.Printf("甲：%s（%s）\n乙：%s（%s）\n", first, was.Hash[:12], second, is.Hash[:12])
	printDifferences(a, found)
	switch {
	case was.Hash == is.Hash:
		a.Println("两者是同一个规则包")
	case len(found) == 0:
		a.Println("只有注释或写法不同，所规定的完全一样")
	default:
		a.Printf("共 %d 处不同\n", len(found))
	}
	return nil
}

// printDifferences writes differences under the parts they belong to.
func printDifferences(a *kit.App, found []diff.Difference) {
	part := ""
	for _, d := range found {
		if d.Part != part {
			part = d.Part
			a.Println(part)
		}
		a.Println("  · " + d.Sentence)
	}
}

// namedPack finds a pack by what people call it.
func namedPack(ctx context.Context, a *kit.App, name string) (*policy.Pack, error) {
	if a.Office == nil {
		if err := a.Rules(); err != nil {
			return nil, err
		}
	}
	switch name {
	case builtInPack, builtInName:
		return kit.BuiltIn()
	case adoptedName:
		return storedPack(ctx, a, func() (*policy.Pack, error) { return policies.Adopted(ctx, a.Office) })
	}
	pack, err := kit.FilePack(name)
	switch {
	case err == nil || fault.Is(err, fault.Invalid):
		return pack, err
	case errors.Is(err, fs.ErrNotExist) && hashPrefix.MatchString(name):
		return storedPack(ctx, a, func() (*policy.Pack, error) { return packs.ByPrefix(ctx, a.DB, a.Region, name) })
	}
	return nil, fault.Wrap(err, fault.NotFound, "读不到规则包“%s”：请写文件路径、内置、在用，或库里规则包哈希的前几位（至少 6 位）", name)
}

// storedPack asks the database, which is opened when it is needed.
func storedPack(ctx context.Context, a *kit.App, read func() (*policy.Pack, error)) (*policy.Pack, error) {
	if a.Office == nil || a.DB == nil {
		if err := a.Open(ctx, kit.IsThere); err != nil {
			return nil, err
		}
	}
	return read()
}

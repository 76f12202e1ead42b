package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"regexp"

	"github.com/spf13/cobra"

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

func (a *app) policyDiffCommand() *cobra.Command {
	c := &cobra.Command{Use: "diff A B", Short: "用文字说明两个规则包有什么不同", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.close()
			return a.diff(c.Context(), args[0], args[1])
		}}
	c.Long = "逐条说明 B 与 A 有什么不同：标准（自哪月起、依据）、项目的条件、排除情形、金额、收款人、就高组、检查设定、银行等。\n" +
		"A、B 可以是文件，或者 内置（built-in）、在用（采用的规则包）、库里规则包哈希的前几位（见 policy list）。"
	return c
}

func (a *app) diff(ctx context.Context, first, second string) error {
	was, err := a.namedPack(ctx, first)
	if err != nil {
		return err
	}
	is, err := a.namedPack(ctx, second)
	if err != nil {
		return err
	}
	found := diff.Files(was.File, is.File)
	if a.format == "csv" || a.format == "json" {
		columns := []column{textColumn("part", "部分"), textColumn("subject", "名称"), textColumn("text", "不同")}
		rows := [][]string{}
		for _, d := range found {
			rows = append(rows, []string{d.Part, d.Subject, d.Sentence})
		}
		return a.print(columns, rows)
	}
	a.printf("甲：%s（%s）\n乙：%s（%s）\n", first, was.Hash[:12], second, is.Hash[:12])
	a.printDifferences(found)
	switch {
	case was.Hash == is.Hash:
		a.println("两者是同一个规则包")
	case len(found) == 0:
		a.println("只有注释或写法不同，所规定的完全一样")
	default:
		a.printf("共 %d 处不同\n", len(found))
	}
	return nil
}

// printDifferences writes differences under the parts they belong to.
func (a *app) printDifferences(found []diff.Difference) {
	part := ""
	for _, d := range found {
		if d.Part != part {
			part = d.Part
			a.println(part)
		}
		a.println("  · " + d.Sentence)
	}
}

// namedPack finds a pack by what people call it.
func (a *app) namedPack(ctx context.Context, name string) (*policy.Pack, error) {
	if a.Office == nil {
		if err := a.rules(); err != nil {
			return nil, err
		}
	}
	switch name {
	case builtInPack, builtInName:
		return builtIn()
	case adoptedName:
		return a.storedPack(ctx, func() (*policy.Pack, error) { return policies.Adopted(ctx, a.Office) })
	}
	pack, err := filePack(name)
	switch {
	case err == nil || fault.Is(err, fault.Invalid):
		return pack, err
	case errors.Is(err, fs.ErrNotExist) && hashPrefix.MatchString(name):
		return a.storedPack(ctx, func() (*policy.Pack, error) { return packs.ByPrefix(ctx, a.DB, a.Region, name) })
	}
	return nil, fault.Wrap(err, fault.NotFound, "读不到规则包“%s”：请写文件路径、内置、在用，或库里规则包哈希的前几位（至少 6 位）", name)
}

// filePack reads a pack's file.
func filePack(name string) (*policy.Pack, error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	pack, err := policy.LoadOnce(body)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "规则包“%s”有误：%s", name, err.Error())
	}
	return pack, nil
}

// storedPack asks the database, which is opened when it is needed.
func (a *app) storedPack(ctx context.Context, read func() (*policy.Pack, error)) (*policy.Pack, error) {
	if a.Office == nil || a.DB == nil {
		if err := a.open(ctx, isThere); err != nil {
			return nil, err
		}
	}
	return read()
}

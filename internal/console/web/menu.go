package web

import (
	"slices"
	"strings"
)

// menuGroup is a heading of the menu with its pages.
type menuGroup struct {
	Name  string
	Items []menuItem
}

type menuItem struct {
	Name string
	Path string
	Here bool
}

// menu lists the pages that the user's post may open, in the order of a month's work.
func (v *Visit) menu() []menuGroup {
	var all []menuGroup
	for _, g := range menuGroups {
		var items []menuItem
		for _, it := range g.Items {
			if !v.mayOpen(it.Path) {
				continue
			}
			it.Here = it.Path == v.R.URL.Path || (it.Path != "/" && strings.HasPrefix(v.R.URL.Path, it.Path+"/")) ||
				(it.Path == "/batches" && strings.HasPrefix(v.R.URL.Path, "/batch/"))
			items = append(items, it)
		}
		if len(items) > 0 {
			all = append(all, menuGroup{g.Name, items})
		}
	}
	return all
}

var menuGroups = []menuGroup{
	{"办理", []menuItem{{Name: "本月", Path: "/"}, {Name: "批次", Path: "/batches"}, {Name: "银行", Path: "/bank"}, {Name: "追缴", Path: "/recovery"}}},
	{"人员", []menuItem{{Name: "查找", Path: "/people"}, {Name: "导入花名册", Path: "/imports"}, {Name: "账户变更", Path: "/accounts"}}},
	{"规则", []menuItem{{Name: "服务清单", Path: "/policy"}, {Name: "标准", Path: "/rates"}, {Name: "规则包", Path: "/packs"}}},
	{"系统", []menuItem{{Name: "日历", Path: "/calendar"}, {Name: "用户", Path: "/users"}, {Name: "审计", Path: "/audit"}}},
}

// mayOpen reports whether a page with this path pattern exists and the user's post may open it.
func (v *Visit) mayOpen(path string) bool {
	pattern := "GET " + path
	if path == "/" {
		pattern = "GET /{$}"
	}
	i := slices.IndexFunc(v.Server.routes, func(r Route) bool { return r.Pattern == pattern })
	return i >= 0 && v.Server.routes[i].allows(v.User.Post)
}

// Todo is an entry of the to-do list on 本月: something that the user's post can do today.
type Todo struct {
	What   string
	Reason string // why a batch was returned; such entries come first; empty: none
	Name   string // of the button
	Path   string
	Post   bool // the button sends a form
}

package console

import (
	"io/fs"
	"slices"

	"disburse/internal/console/bank"
	"disburse/internal/console/batch"
	"disburse/internal/console/imports"
	"disburse/internal/console/month"
	"disburse/internal/console/people"
	"disburse/internal/console/recovery"
	"disburse/internal/console/rules"
	"disburse/internal/console/system"
	"disburse/internal/console/web"
)

// New makes a console and starts its background loops, which maintain the search index of
// people and fill the caches of the latest batches until it is closed. It fails when a
// template does not parse.
func New(o web.Options) (*web.Server, error) {
	return web.NewServer(o, allRoutes(), templateFolders(), people.MaintainSearch, batch.WarmCaches)
}

// templateFolders are the templates of all packages of pages.
func templateFolders() []fs.FS {
	return []fs.FS{month.Templates, batch.Templates, people.Templates, imports.Templates, bank.Templates, recovery.Templates, rules.Templates, system.Templates}
}

// allRoutes lists all pages and actions, package by package.
func allRoutes() []web.Route {
	return slices.Concat(
		web.Routes(),
		month.Routes(),
		batch.Routes(),
		people.Routes(),
		imports.Routes(),
		bank.Routes(),
		recovery.Routes(),
		rules.Routes(),
		system.Routes(),
	)
}

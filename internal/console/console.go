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

// New makes a console, which from then on keeps the people for search and the latest
// batches ready until it is closed. It fails when a template does not parse.
func New(o web.Options) (*web.Server, error) {
	return web.NewServer(o, allRoutes(), templateFolders(), people.KeepPeople, batch.KeepWarm)
}

// templateFolders have the pages' templates.
func templateFolders() []fs.FS {
	return []fs.FS{month.Templates, batch.Templates, people.Templates, imports.Templates, bank.Templates, recovery.Templates, rules.Templates, system.Templates}
}

// allRoutes is the one list of pages and actions, area by area in the order of the menu.
func allRoutes() []web.Route {
	return slices.Concat(
		month.HomeRoutes(),
		batch.BatchRoutes(),
		web.EntranceRoutes(),
		people.PeopleRoutes(),
		people.PersonRoutes(),
		people.ChangeRoutes(),
		imports.ImportRoutes(),
		people.AccountRoutes(),
		bank.BankRoutes(),
		recovery.RecoveryRoutes(),
		web.MadeRoutes(),
		rules.PolicyRoutes(),
		rules.PackRoutes(),
		system.CalendarRoutes(),
		system.UserRoutes(),
		system.AuditRoutes(),
		web.WorkRoutes(),
	)
}

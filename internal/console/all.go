package console

import (
	"io/fs"
	"slices"
)

// New makes a console, which from then on keeps the people for search and the latest
// batches ready until it is closed. It fails when a template does not parse.
func New(o Options) (*Server, error) {
	return newServer(o, allRoutes(), templateFolders(), (*Server).keepPeople, (*Server).keepWarm)
}

// templateFolders have the pages' templates.
func templateFolders() []fs.FS { return nil }

// allRoutes is the one list of pages and actions, area by area in the order of the menu.
func allRoutes() []route {
	return slices.Concat(
		homeRoutes(),
		batchRoutes(),
		entranceRoutes(),
		peopleRoutes(),
		personRoutes(),
		changeRoutes(),
		importRoutes(),
		accountRoutes(),
		bankRoutes(),
		recoveryRoutes(),
		madeRoutes(),
		policyRoutes(),
		packRoutes(),
		calendarRoutes(),
		userRoutes(),
		auditRoutes(),
		workRoutes(),
	)
}

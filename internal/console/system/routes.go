package system

import (
	"embed"

	"disburse/internal/console/web"
)

// Templates are the templates of the pages, each named as its page.
//
//go:embed templates
var Templates embed.FS

// Routes are the pages and actions of the package with the posts that may use them.
func Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /calendar", Posts: web.Everyone, Do: calendarPage},
		{Pattern: "GET /calendar/job/{job}", Posts: web.Everyone, Do: jobPage},
		{Pattern: "POST /calendar/job/{job}", Posts: web.Manager, Do: setJob},
		{Pattern: "POST /calendar/job/{job}/run", Posts: web.Manager, Do: runJobNow},
		{Pattern: "POST /calendar/holidays", Posts: web.Manager, Do: setHoliday},
		{Pattern: "POST /calendar/holidays/remove", Posts: web.Manager, Do: removeHoliday},
		{Pattern: "GET /notices", Posts: web.Everyone, Do: noticesPage},
		{Pattern: "POST /notices/{notice}/read", Posts: web.Everyone, Do: readNotice},
		{Pattern: "GET /users", Posts: web.Overseen, Do: usersPage},
		{Pattern: "POST /users", Posts: web.Manager, Do: addUser},
		{Pattern: "POST /users/password", Posts: web.Manager, Do: resetPassword},
		{Pattern: "POST /users/active", Posts: web.Manager, Do: setActive},
		{Pattern: "POST /users/confirm", Posts: web.Overseen, Do: confirmUser},
		{Pattern: "GET /audit", Search: true, Posts: web.Auditor, Do: auditJournal},
		{Pattern: "GET /audit/access", Search: true, Posts: web.Auditor, Do: auditAccess},
		{Pattern: "POST /audit/verify", Posts: web.Auditor, Do: auditVerify},
		{Pattern: "POST /audit/month", Posts: web.Auditor, Do: auditMonth},
	}
}

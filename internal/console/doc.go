// Package console is the web console (控制台): it puts the server of package web together with
// the pages, which are in the packages below it by subject. A page is a Go file and a
// template of the same name in its package's templates folder; its route is in the
// package's routes.go. Pages check permissions for the user's benefit; internal/office checks
// them again. All pages work without scripts, htmx makes parts of them live, and browsers
// load nothing from other sites.
package console

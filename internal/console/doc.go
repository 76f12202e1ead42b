// Package console is the web console (控制台): its pages in one list, each with the
// posts that may use it, put together with the server of package web. A page is a file
// in the package of its subject and a template of the same name in that package's
// templates folder. Pages check what they are asked for people's sake; internal/office
// checks it again. They work without scripts, htmx makes parts of them live, and nothing
// comes from outside the program.
package console

// Package web is the console without its pages: the server, sessions and permissions, one
// request (Visit) with its form, rendering, caches, uploads and downloads, and background
// tasks. It imports no package of pages; they import it.
package web

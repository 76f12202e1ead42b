// Package web is the console without its pages: the server, who asks and whether they
// may, one request (Visit) with its form, rendering, caches, files that users sent or
// made, and background work.
package web

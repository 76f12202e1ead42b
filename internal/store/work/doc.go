// Package work stores what one user's pages need for a day: files on their way in or
// out, and the progress of background work.
package work

// Package admin has the commands of those who run the system: user, audit, backup,
// restore and jobs.
package admin

// Package system has the pages of the calendar, users and the audit.
package system

// Package finance has the commands of money after approval: bank and recovery.
package finance

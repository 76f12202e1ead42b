// Package people has the pages that find, show and change people and their accounts.
package people

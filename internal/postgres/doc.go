// Package postgres is the kernel of everything that is stored: connections,
// transactions, the journal (Change) and row digests, COPY, the binary row reader and
// writer, errors by SQLSTATE, migrations and River's queue. What is stored, by subject,
// is in internal/store; these packages and their tests are the only ones to import pgx.
package postgres

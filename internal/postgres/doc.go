// Package postgres is the database kernel: connection pool, transactions with retry, the
// journal (Change) and row digests, COPY, the binary row reader and writer, errors by
// SQLSTATE, migrations and River's job queue. It holds no queries of a subject: those are
// in internal/store, which imports it; only these packages and their tests import pgx.
package postgres

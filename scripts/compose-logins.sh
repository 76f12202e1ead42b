#!/bin/sh
# Makes the daily login beside the owner, in the database of docker-compose.yml. Runs by
# itself when the database is made. For one that was made before there were two logins:
#
#   docker compose exec db sh /docker-entrypoint-initdb.d/logins.sh
set -eu
psql -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/daily_password)" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
SELECT 'CREATE ROLE disburse_app NOLOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'disburse_app') \gexec
SELECT 'CREATE ROLE disburse_daily LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'disburse_daily') \gexec
ALTER ROLE disburse_daily PASSWORD :'password';
GRANT disburse_app TO disburse_daily;
SQL

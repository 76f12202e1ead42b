-- Files that are kept a day for one person come in parts, so that neither the program nor
-- the server ever has a whole one in memory. Those that are there are given up: none is
-- knowledge, and each can be sent in or made again.
DELETE FROM console_upload;
ALTER TABLE console_upload DROP COLUMN body;
ALTER TABLE console_upload ADD COLUMN size bigint NOT NULL;    -- bytes, of all parts

CREATE TABLE console_upload_part (
    region  integer NOT NULL,
    upload  bigint  NOT NULL,
    part    integer NOT NULL,                   -- from 0
    body    bytea   NOT NULL,                   -- 1 MB, the last one less
    PRIMARY KEY (region, upload, part),
    FOREIGN KEY (region, upload) REFERENCES console_upload ON DELETE CASCADE
);
-- Workbooks are packed already.
ALTER TABLE console_upload_part ALTER COLUMN body SET STORAGE EXTERNAL;

GRANT SELECT, INSERT, DELETE ON console_upload_part TO disburse_app;

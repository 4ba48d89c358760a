-- MariaDB's JSON_VALID() knows 32 levels only; a callflow of 50 nodes in a row has 100. Who writes the column parses it
-- (and compiles the tree) first.
ALTER TABLE callflow MODIFY flow LONGTEXT NOT NULL;

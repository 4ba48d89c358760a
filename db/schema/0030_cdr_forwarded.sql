-- Who forwarded this leg: the user (else the phone of nobody's) whose call forward it is. A forwarded leg has a record of its
-- own, beside that of the call, in one interaction.
ALTER TABLE cdr ADD COLUMN forwarded_by CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER callflow_id;

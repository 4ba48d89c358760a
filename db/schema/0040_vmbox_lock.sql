-- Wrong PINs of a voicemail box, by phone: after three in a row nobody is asked for a while.
CREATE TABLE vmbox_lock (
    vmbox_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    failures          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'since the last right one',
    locked_until      BIGINT NOT NULL DEFAULT 0 COMMENT 'unix seconds',
    CONSTRAINT vmbox_lock_box FOREIGN KEY (vmbox_id) REFERENCES vmbox (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

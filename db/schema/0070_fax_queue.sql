-- Outgoing faxes: one call at a time to a number, and what became of mails that wanted to be faxes.

-- A destination that is being called now. The row goes when the call is over; a dead worker's when its lease is.
CREATE TABLE fax_line (
    number            VARCHAR(64) NOT NULL PRIMARY KEY,
    fax_id            CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lease_until       BIGINT NOT NULL,
    KEY fax (fax_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One line a mail and recipient (Kazoo's faxes/smtplog).
CREATE TABLE fax_smtplog (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    faxbox_id         CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    from_address      VARCHAR(254) NOT NULL,
    to_address        VARCHAR(254) NOT NULL,
    status            ENUM('accepted','refused') NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    created           BIGINT NOT NULL,
    KEY account_time (account_id, created),
    CONSTRAINT fax_smtplog_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The documents that callflows name (menus, rooms, rules ...): one table a kind, all of one shape, so that an account's are
-- read in one query (db/rows/document.c). What the system does not index stays in `doc`, under the document's own keys.

-- A virtual receptionist.
CREATE TABLE menu (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT menu_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT menu_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A conference room; its numbers and PINs are in doc.
CREATE TABLE conference (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT conference_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT conference_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Dial by name; who is in it stands in the users' documents.
CREATE TABLE directory (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT directory_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT directory_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A group of users, devices and groups (`group` is a word of SQL).
CREATE TABLE user_group (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT user_group_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT user_group_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- When: office hours, holidays.
CREATE TABLE temporal_rule (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT temporal_rule_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT temporal_rule_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Several rules under one name.
CREATE TABLE temporal_rule_set (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT temporal_rule_set_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT temporal_rule_set_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Numbers that may not call.
CREATE TABLE blacklist (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT blacklist_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT blacklist_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Numbers by list, for callflows that branch on the caller.
CREATE TABLE match_list (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT match_list_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT match_list_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A fax number's settings.
CREATE TABLE faxbox (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, id),
    CONSTRAINT faxbox_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT faxbox_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A recorded call. The worker names it when recording begins; inserting it twice is harmless.
CREATE TABLE recording (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'whose setting asked for it; no foreign key: it outlives the user',
    name              VARCHAR(128) NOT NULL DEFAULT '',
    origin            VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'which setting asked: "inbound from offnet to endpoint", "callflow"',
    call_id           VARCHAR(255) NOT NULL DEFAULT '',
    interaction_id    CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    direction         ENUM('inbound','outbound') NOT NULL DEFAULT 'inbound',
    from_uri          VARCHAR(255) NOT NULL DEFAULT '',
    to_uri            VARCHAR(255) NOT NULL DEFAULT '',
    request           VARCHAR(255) NOT NULL DEFAULT '',
    caller_id_name    VARCHAR(128) NOT NULL DEFAULT '',
    caller_id_number  VARCHAR(64) NOT NULL DEFAULT '',
    callee_id_name    VARCHAR(128) NOT NULL DEFAULT '',
    callee_id_number  VARCHAR(64) NOT NULL DEFAULT '',
    start             BIGINT NOT NULL,
    duration_ms       INT UNSIGNED NOT NULL,
    media_type        ENUM('mp3','wav') NOT NULL DEFAULT 'mp3',
    content_type      VARCHAR(64) NOT NULL DEFAULT 'audio/mpeg',
    size_bytes        INT UNSIGNED NOT NULL,
    storage_key       VARCHAR(255) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account_time (account_id, start),
    KEY owner (owner_id, start),
    KEY call_id (call_id),
    CONSTRAINT recording_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A fax, in or out. Outgoing ones are a queue: status says how far, lease_until who works on it until when.
CREATE TABLE fax (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    faxbox_id         CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL DEFAULT '',
    folder            ENUM('inbox','outbox','outgoing','incoming') NOT NULL,
    status            ENUM('attaching document','pending','processing','completed','failed','receiving','received') NOT NULL,
    from_number       VARCHAR(64) NOT NULL DEFAULT '',
    from_name         VARCHAR(128) NOT NULL DEFAULT '',
    to_number         VARCHAR(64) NOT NULL DEFAULT '',
    to_name           VARCHAR(128) NOT NULL DEFAULT '',
    call_id           VARCHAR(255) NOT NULL DEFAULT '',
    pages             SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    retries           TINYINT UNSIGNED NOT NULL DEFAULT 1,
    attempts          TINYINT UNSIGNED NOT NULL DEFAULT 0,
    retry_at          BIGINT NULL,
    lease_until       BIGINT NULL,
    lease_by          VARCHAR(64) NULL,
    storage_key       VARCHAR(255) NULL,
    content_type      VARCHAR(64) NULL,
    size_bytes        INT UNSIGNED NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account_time (account_id, folder, created),
    KEY queue (status, retry_at),
    CONSTRAINT fax_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

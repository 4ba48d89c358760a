-- Where an account's events are told.
CREATE TABLE webhook (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name              VARCHAR(128) NOT NULL,
    hook              VARCHAR(64) CHARACTER SET ascii NOT NULL,
    uri               VARCHAR(2048) NOT NULL,
    enabled           BOOLEAN NOT NULL DEFAULT TRUE,
    disable_reason    VARCHAR(255) NULL,
    failures          INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'deliveries given up in a row',
    secret            VARCHAR(128) NOT NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, hook, enabled),
    CONSTRAINT webhook_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What is to be sent: to webhooks and by e-mail. A webhook's id comes from the hook and the event, so that an event that is
-- seen twice is sent once. Kept a week for replays.
CREATE TABLE delivery (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    webhook_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'NULL: an e-mail',
    payload           LONGTEXT NOT NULL CHECK (JSON_VALID(payload)),
    state             ENUM('waiting','done','failed') NOT NULL DEFAULT 'waiting',
    tries             TINYINT UNSIGNED NOT NULL DEFAULT 0,
    due               BIGINT NOT NULL,
    created           BIGINT NOT NULL,
    KEY queue (state, due),
    KEY created (created),
    CONSTRAINT delivery_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT delivery_webhook FOREIGN KEY (webhook_id) REFERENCES webhook (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE webhook_attempt (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    webhook_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    delivery_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    timestamp         BIGINT NOT NULL,
    result            ENUM('success','failure') NOT NULL,
    response_code     SMALLINT UNSIGNED NULL,
    response_body     VARCHAR(512) NULL,
    client_error      VARCHAR(255) NULL,
    retries_left      TINYINT UNSIGNED NOT NULL DEFAULT 0,
    KEY hook (webhook_id, timestamp),
    KEY time (timestamp),
    CONSTRAINT webhook_attempt_hook FOREIGN KEY (webhook_id) REFERENCES webhook (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- How far the herald has read what it tells of.
CREATE TABLE herald (
    source            VARCHAR(32) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    position          BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Numbers that come from another carrier.
CREATE TABLE port_request (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name              VARCHAR(128) NOT NULL,
    port_state        ENUM('unconfirmed','submitted','pending','scheduled','rejected','completed','canceled') NOT NULL DEFAULT 'unconfirmed',
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, port_state),
    CONSTRAINT port_request_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A number is in one open request only.
CREATE TABLE port_number (
    number            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    port_request_id   CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    KEY request (port_request_id),
    CONSTRAINT port_number_request FOREIGN KEY (port_request_id) REFERENCES port_request (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

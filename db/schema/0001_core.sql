-- Centrex: the first scope. Forward only; applied once by `centrexctl migrate`, checked at start by every part.
-- Ids are 32 lower-case hex digits, as in Kazoo. Times are unix seconds unless the column says _ms.
-- Typed columns hold what the system itself uses; `doc` holds every other key of the document, as sent.

CREATE TABLE account (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    parent_id         CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    name_key          VARCHAR(128) CHARACTER SET ascii NOT NULL COMMENT 'name in lower case, letters and digits only: what a login compares',
    realm             VARCHAR(253) CHARACTER SET ascii NOT NULL,
    enabled           BOOLEAN NOT NULL DEFAULT TRUE,
    is_reseller       BOOLEAN NOT NULL DEFAULT FALSE,
    timezone          VARCHAR(64) NOT NULL DEFAULT 'UTC',
    language          VARCHAR(16) NOT NULL DEFAULT 'en-us',
    country           CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT 'IE' COMMENT 'ISO 3166: number classes and national dialling',
    max_calls         INT UNSIGNED NULL COMMENT 'concurrent calls; NULL is no limit',
    caller_id         LONGTEXT NULL CHECK (JSON_VALID(caller_id)),
    call_restriction  LONGTEXT NULL CHECK (JSON_VALID(call_restriction)),
    music_on_hold     VARCHAR(255) NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    UNIQUE KEY realm (realm),
    UNIQUE KEY name_key (name_key),
    CONSTRAINT account_parent FOREIGN KEY (parent_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE user (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    username          VARCHAR(256) NULL,
    email             VARCHAR(254) NULL,
    first_name        VARCHAR(128) NOT NULL,
    last_name         VARCHAR(128) NOT NULL,
    password_md5      VARCHAR(255) CHARACTER SET ascii NULL COMMENT 'argon2id of md5(username:password)',
    password_sha1     VARCHAR(255) CHARACTER SET ascii NULL COMMENT 'argon2id of sha1(username:password)',
    priv_level        ENUM('user','admin') NOT NULL DEFAULT 'user',
    enabled           BOOLEAN NOT NULL DEFAULT TRUE,
    timezone          VARCHAR(64) NULL,
    language          VARCHAR(16) NULL,
    presence_id       VARCHAR(64) NULL,
    timeout           SMALLINT UNSIGNED NULL COMMENT 'ringing time [s]; NULL: what the callflow says, else 20',
    do_not_disturb    BOOLEAN NOT NULL DEFAULT FALSE,
    vm_to_email_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    max_calls         INT UNSIGNED NULL,
    caller_id         LONGTEXT NULL CHECK (JSON_VALID(caller_id)),
    call_restriction  LONGTEXT NULL CHECK (JSON_VALID(call_restriction)),
    call_forward      LONGTEXT NULL CHECK (JSON_VALID(call_forward)),
    call_failover     LONGTEXT NULL CHECK (JSON_VALID(call_failover)),
    call_forward_busy LONGTEXT NULL CHECK (JSON_VALID(call_forward_busy)),
    call_forward_no_answer LONGTEXT NULL CHECK (JSON_VALID(call_forward_no_answer)),
    hotdesk           LONGTEXT NULL CHECK (JSON_VALID(hotdesk)),
    music_on_hold     VARCHAR(255) NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    UNIQUE KEY username (account_id, username),
    CONSTRAINT user_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE device (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    device_type       VARCHAR(32) NOT NULL DEFAULT 'sip_device',
    enabled           BOOLEAN NOT NULL DEFAULT TRUE,
    mac_address       VARCHAR(17) CHARACTER SET ascii NULL,
    sip_username      VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    sip_ha1           CHAR(32) CHARACTER SET ascii NULL COMMENT 'md5(username:realm:password), RFC 2617; the password itself is not kept',
    sip_method        ENUM('password','ip') NOT NULL DEFAULT 'password',
    sip_ip            VARCHAR(45) CHARACTER SET ascii NULL,
    sip_invite_format VARCHAR(16) NOT NULL DEFAULT 'contact',
    sip_route         VARCHAR(255) NULL,
    do_not_disturb    BOOLEAN NOT NULL DEFAULT FALSE,
    caller_id         LONGTEXT NULL CHECK (JSON_VALID(caller_id)),
    call_restriction  LONGTEXT NULL CHECK (JSON_VALID(call_restriction)),
    call_forward      LONGTEXT NULL CHECK (JSON_VALID(call_forward)),
    hotdesk           LONGTEXT NULL CHECK (JSON_VALID(hotdesk)), -- {"users":{"<user id>":{}}}: who is logged in here
    music_on_hold     VARCHAR(255) NULL,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    UNIQUE KEY sip_username (account_id, sip_username),
    KEY owner (owner_id),
    CONSTRAINT device_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT device_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE media (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name              VARCHAR(128) NOT NULL,
    media_source      ENUM('recording','upload','tts') NOT NULL DEFAULT 'upload',
    language          VARCHAR(16) NOT NULL DEFAULT 'en-us',
    content_type      VARCHAR(64) NULL,
    content_length    INT UNSIGNED NULL,
    storage_key       VARCHAR(255) NULL COMMENT 'path below the storage folder; 8 kHz 16-bit mono wav',
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    CONSTRAINT media_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE vmbox (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    mailbox           VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    pin               VARCHAR(8) CHARACTER SET ascii NULL,
    require_pin       BOOLEAN NOT NULL DEFAULT FALSE,
    check_if_owner    BOOLEAN NOT NULL DEFAULT TRUE,
    is_setup          BOOLEAN NOT NULL DEFAULT FALSE,
    skip_greeting     BOOLEAN NOT NULL DEFAULT FALSE,
    skip_instructions BOOLEAN NOT NULL DEFAULT FALSE,
    include_message_on_notify BOOLEAN NOT NULL DEFAULT TRUE,
    delete_after_notify BOOLEAN NOT NULL DEFAULT FALSE,
    save_after_notify BOOLEAN NOT NULL DEFAULT FALSE,
    media_extension   ENUM('mp3','mp4','wav') NOT NULL DEFAULT 'mp3',
    timezone          VARCHAR(64) NULL,
    greeting_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'media.unavailable',
    max_message_length SMALLINT UNSIGNED NULL COMMENT '[s]; NULL is 500',
    notify_email_addresses LONGTEXT NULL CHECK (JSON_VALID(notify_email_addresses)),
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    UNIQUE KEY mailbox (account_id, mailbox),
    CONSTRAINT vmbox_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT vmbox_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL,
    CONSTRAINT vmbox_greeting FOREIGN KEY (greeting_id) REFERENCES media (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The worker names a message when recording begins; inserting it twice is harmless.
CREATE TABLE vm_message (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    vmbox_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    folder            ENUM('new','saved','deleted') NOT NULL DEFAULT 'new',
    timestamp         BIGINT NOT NULL,
    from_uri          VARCHAR(255) NOT NULL DEFAULT '',
    to_uri            VARCHAR(255) NOT NULL DEFAULT '',
    caller_id_name    VARCHAR(128) NOT NULL DEFAULT '',
    caller_id_number  VARCHAR(64) NOT NULL DEFAULT '',
    call_id           VARCHAR(255) NOT NULL DEFAULT '',
    length_ms         INT UNSIGNED NOT NULL,
    content_type      VARCHAR(64) NOT NULL DEFAULT 'audio/mpeg',
    size_bytes        INT UNSIGNED NOT NULL,
    storage_key       VARCHAR(255) NOT NULL,
    KEY box (vmbox_id, folder, timestamp),
    CONSTRAINT vm_message_box FOREIGN KEY (vmbox_id) REFERENCES vmbox (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE callflow (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    group_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NULL,
    type              VARCHAR(32) NULL,
    flow              LONGTEXT NOT NULL CHECK (JSON_VALID(flow)),
    featurecode       LONGTEXT NULL CHECK (JSON_VALID(featurecode)),
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY owner (owner_id),
    CONSTRAINT callflow_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT callflow_owner FOREIGN KEY (owner_id) REFERENCES user (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE callflow_number (
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number            VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    callflow_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    position          SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, number),
    KEY callflow (callflow_id),
    CONSTRAINT callflow_number_flow FOREIGN KEY (callflow_id) REFERENCES callflow (id) ON DELETE CASCADE,
    CONSTRAINT callflow_number_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE callflow_pattern (
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    pattern           VARCHAR(128) COLLATE utf8mb4_bin NOT NULL,
    callflow_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    position          SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, pattern),
    KEY callflow (callflow_id),
    CONSTRAINT callflow_pattern_flow FOREIGN KEY (callflow_id) REFERENCES callflow (id) ON DELETE CASCADE,
    CONSTRAINT callflow_pattern_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The number inventory of the whole cluster: one row a number, whoever owns it.
CREATE TABLE phone_number (
    number            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'E.164 with +',
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    state             ENUM('discovery','available','reserved','in_service','port_in','port_out','released','aging','deleted') NOT NULL DEFAULT 'available',
    force_outbound    BOOLEAN NOT NULL DEFAULT FALSE,
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    KEY account (account_id, state),
    CONSTRAINT phone_number_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A carrier. Without an account it serves the whole cluster.
CREATE TABLE resource (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name              VARCHAR(128) NOT NULL,
    enabled           BOOLEAN NOT NULL DEFAULT TRUE,
    emergency         BOOLEAN NOT NULL DEFAULT FALSE,
    weight_cost       TINYINT UNSIGNED NOT NULL DEFAULT 50 COMMENT 'low first',
    rules             LONGTEXT NULL CHECK (JSON_VALID(rules)),
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    revision          INT UNSIGNED NOT NULL DEFAULT 1,
    created           BIGINT NOT NULL,
    modified          BIGINT NOT NULL,
    CONSTRAINT resource_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A carrier's gateway: where calls go, and, by its address, who a call comes from.
CREATE TABLE gateway (
    resource_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    position          SMALLINT UNSIGNED NOT NULL,
    name              VARCHAR(128) NOT NULL DEFAULT '',
    enabled           BOOLEAN NOT NULL DEFAULT TRUE,
    server            VARCHAR(253) CHARACTER SET ascii NOT NULL COMMENT 'address or host name',
    port              SMALLINT UNSIGNED NOT NULL DEFAULT 5060,
    transport         ENUM('udp','tcp','tls') NOT NULL DEFAULT 'udp',
    prefix            VARCHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '',
    suffix            VARCHAR(32) CHARACTER SET ascii NOT NULL DEFAULT '',
    inbound           BOOLEAN NOT NULL DEFAULT TRUE COMMENT 'calls from this address are the carrier''s',
    doc               LONGTEXT NOT NULL DEFAULT '{}' CHECK (JSON_VALID(doc)),
    PRIMARY KEY (resource_id, position),
    KEY address (server, port),
    CONSTRAINT gateway_resource FOREIGN KEY (resource_id) REFERENCES resource (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row a call leg; written first to Kamailio's journal, shipped here, inserting twice is harmless.
-- No foreign key: the record of a call outlives what it names.
CREATE TABLE cdr (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    interaction_id    CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    call_id           VARCHAR(255) NOT NULL,
    call_direction    ENUM('inbound','outbound','internal') NOT NULL,
    network           ENUM('onnet','offnet') NOT NULL DEFAULT 'onnet',
    device_id         CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the calling device',
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'the calling user',
    callee_device_id  CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'who answered',
    callee_owner_id   CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    resource_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    callflow_id       CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    caller_id_name    VARCHAR(128) NOT NULL DEFAULT '',
    caller_id_number  VARCHAR(64) NOT NULL DEFAULT '',
    callee_id_name    VARCHAR(128) NOT NULL DEFAULT '',
    callee_id_number  VARCHAR(64) NOT NULL DEFAULT '',
    from_uri          VARCHAR(255) NOT NULL DEFAULT '',
    to_uri            VARCHAR(255) NOT NULL DEFAULT '',
    request           VARCHAR(255) NOT NULL DEFAULT '',
    start_ms          BIGINT NOT NULL,
    answer_ms         BIGINT NULL,
    end_ms            BIGINT NOT NULL,
    duration_ms       INT UNSIGNED NOT NULL,
    billing_ms        INT UNSIGNED NOT NULL,
    sip_code          SMALLINT UNSIGNED NOT NULL,
    hangup_cause      VARCHAR(48) CHARACTER SET ascii NOT NULL,
    hangup_by         ENUM('caller','callee','system') NOT NULL,
    mos               DECIMAL(3,2) NULL COMMENT 'NULL: rtpengine had no valid RTCP',
    jitter_ms         DECIMAL(8,2) NULL,
    packet_loss       DECIMAL(5,2) NULL COMMENT '[%]',
    path              LONGTEXT NULL COMMENT 'the decisions taken, one a line',
    KEY account_time (account_id, start_ms),
    KEY interaction (interaction_id),
    KEY call_id (call_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What changed, in the same transaction as the change. account_id NULL: the whole cluster's (carriers).
CREATE TABLE change_log (
    id                BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kind              VARCHAR(32) CHARACTER SET ascii NOT NULL COMMENT 'table name, or vm_message',
    object_id         VARCHAR(64) CHARACTER SET ascii NOT NULL,
    action            ENUM('create','update','delete') NOT NULL,
    actor             VARCHAR(64) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'user id, worker, centrexctl',
    created_at        TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    KEY account (account_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Tokens are signed and carry what they say; this table ends them early and makes creating requests repeatable.
CREATE TABLE token (
    id                CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    owner_id          CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created           BIGINT NOT NULL,
    expires           BIGINT NOT NULL,
    revoked           BOOLEAN NOT NULL DEFAULT FALSE,
    KEY expires (expires),
    CONSTRAINT token_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE idempotency_key (
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    idempotency_key   VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request_hash      CHAR(64) CHARACTER SET ascii NOT NULL,
    status            SMALLINT UNSIGNED NOT NULL,
    reply             LONGTEXT NOT NULL,
    created           BIGINT NOT NULL,
    PRIMARY KEY (account_id, idempotency_key),
    KEY created (created)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

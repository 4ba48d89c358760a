-- An account's key for scripts: the key is an HMAC of the nonce, so that the table does not give it away; found by its hash.
ALTER TABLE account
    ADD COLUMN api_key_nonce CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN api_key_hash  CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD UNIQUE KEY api_key_hash (api_key_hash);

-- A second factor: the secret is an HMAC of the nonce. totp_last: the step of the last code taken, so that none is good twice.
ALTER TABLE user
    ADD COLUMN totp_nonce   CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN totp_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN totp_last    BIGINT NOT NULL DEFAULT 0;

-- Links of forgotten passwords, by the hash of what the mail says.
CREATE TABLE login_reset (
    id_hash           CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    account_id        CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id           CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expires           BIGINT NOT NULL,
    KEY expires (expires),
    CONSTRAINT login_reset_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    CONSTRAINT login_reset_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

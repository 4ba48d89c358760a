-- A login names an account and a digest, but no user: 12 bits of an HMAC of the digest find the few rows whose argon2id
-- hash is worth trying. NULL: not known yet (set by the API at the first login).
ALTER TABLE user
    ADD COLUMN password_md5_index  SMALLINT UNSIGNED NULL AFTER password_sha1,
    ADD COLUMN password_sha1_index SMALLINT UNSIGNED NULL AFTER password_md5_index,
    ADD KEY password_md5_index (account_id, password_md5_index),
    ADD KEY password_sha1_index (account_id, password_sha1_index);

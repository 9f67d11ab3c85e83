-- Tokens of people and services, by the SHA-256 of what they are: 256 random bits, which no hash has to be slow for. One that
-- was revoked stays, so that names in the history can be told apart.
CREATE TABLE access_token (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$'),
    sha256     text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    grants     jsonb NOT NULL,
    created_by text NOT NULL CHECK (created_by <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
CREATE UNIQUE INDEX access_token_in_use ON access_token (name) WHERE revoked_at IS NULL;

-- Whether whoever stored the source text has compiled it to the document. Sources come from clients, and nobody has: not those
-- of before either.
ALTER TABLE definition_revision ADD COLUMN source_verified boolean NOT NULL DEFAULT false;

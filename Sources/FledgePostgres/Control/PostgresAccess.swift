import FledgeCore
import FledgeEngine
import Foundation
import Logging
import PostgresClient

/// Tokens of people and services.
enum AccessStatement: String, StoredStatement {
    case tokens = """
        SELECT name, sha256, grants, created_by, created_at, expires_at, revoked_at, revoked_by
        FROM access_token ORDER BY id
        """
    // Making the same token again gives the one that is there: the answer to the first request was lost, and the
    // request repeated.
    case make = """
        INSERT INTO access_token AS t (name, sha256, grants, created_by, created_at, expires_at)
        SELECT $1::text, $2::text, $3::jsonb, $4::text, $5::timestamptz, $6::timestamptz
        WHERE NOT EXISTS (SELECT FROM access_token o WHERE o.name = $1 AND o.revoked_at IS NULL AND o.sha256 <> $2)
        ON CONFLICT (sha256) DO UPDATE SET sha256 = t.sha256
        RETURNING name, sha256, grants, created_by, created_at, expires_at, revoked_at, revoked_by
        """
    case revoke = """
        UPDATE access_token SET revoked_at = $2, revoked_by = $3 WHERE name = $1 AND revoked_at IS NULL
        RETURNING name, sha256, grants, created_by, created_at, expires_at, revoked_at, revoked_by
        """
}

/// Tokens, of which only the hashes are stored.
package struct PostgresAccess: AccessStore {
    let database: Database

    package func storedTokens() async throws -> [(token: AccessToken, sha256: Digest)] {
        var tokens: [(token: AccessToken, sha256: Digest)] = []
        for row in try await database.rows(AccessStatement.tokens) {
            // A token whose grant was written by a newer daemon, and that this one can't read, opens nothing here.
            do { tokens.append((try Self.token(row), try row.get("sha256", as: Digest.self))) } catch let error
                as FledgeError
            {
                database.logger.warning("a token cannot be read", metadata: ["error": "\(error)"])
            }
        }
        return tokens
    }

    package func store(_ token: AccessToken, sha256: Digest) async throws -> AccessToken? {
        try await database.rows(
            AccessStatement.make,
            [
                token.name, sha256, try JSONProfile.stored.text(of: token.grant), token.createdBy, token.createdAt,
                token.expiresAt,
            ]
        ).first.map(Self.token)
    }

    package func revoke(_ name: String, by actor: String, at date: Date) async throws -> AccessToken? {
        try await database.transaction(isRepeatable: false) { connection in
            try await connection.rows(AccessStatement.revoke, [name, date, actor]).first.map(Self.token)
        }
    }

    private static func token(_ row: PostgresRow) throws -> AccessToken {
        AccessToken(
            name: try row.get("name", as: String.self), grant: try row.json("grants", as: AccessGrant.self),
            createdBy: try row.get("created_by", as: String.self), createdAt: try row.get("created_at", as: Date.self),
            expiresAt: try row.get("expires_at", as: Date?.self), revokedAt: try row.get("revoked_at", as: Date?.self),
            revokedBy: try row.get("revoked_by", as: String?.self))
    }
}

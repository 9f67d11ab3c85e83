/// What a listener hears.
package enum PostgresNotification: Sendable, Equatable {
    /// LISTEN has taken effect, for the first time or after a lost connection: look for what was missed.
    case listening
    /// Somebody ran NOTIFY.
    case message(channel: String, payload: String)
}

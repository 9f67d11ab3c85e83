/// What all stores promise, whatever is behind them. A requirement says where it differs.
///
/// - **Errors.** A requirement throws `FledgeError`, and `CancellationError` where the task was cancelled, after which a write
///   may be there or not. Where the error is transient (`database.unreachable`, `database.busy`), nothing was written, and the
///   same call may be made again. After `database.commit_unknown` a write may be there: look, or make a call that may be
///   repeated. Every other code is for a person.
/// - **Repeating.** The same call again changes nothing more, and answers the same, also after a crash between the two: so
///   whoever goes on with work needn't know how far the worker before him came.
/// - **Ownership.** What is returned is the caller's own copy of what was stored at that moment; what is passed in may change
///   afterwards. Nothing is held open between two calls.
/// - **Concurrency.** Any number of callers, of several daemons, may call at the same moment: each call is one transaction.
package protocol Store: Sendable {}

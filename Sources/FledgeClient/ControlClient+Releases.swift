import CurlClient
import FledgeAPI
import FledgeCore
import FledgeEngine

extension ControlClient {
    package func export(name: String, number: Int?) async throws -> ReleaseArchive {
        let body: HTTPBody
        do {
            body = try await stream(Endpoints.export, ExportRequest(name: name, number: number))
        } catch let error as FledgeError where [.requestNotFound, .requestNotAllowed].contains(error.code) {
            throw FledgeError(
                "daemon.outdated", "the daemon is of an earlier version, which sends no releases", place: place,
                hint: "update fledged to the version of fledge (\(FledgeVersion.current))")
        }
        let pieces = Pieces(body)
        return ReleaseArchive { [self] in
            do { return try await pieces.next() } catch let error as CurlError { throw failure(error) }
        }
    }

    /// One reader's place in a body.
    private actor Pieces {
        private let iterator: HTTPBody.AsyncIterator

        init(_ body: HTTPBody) { iterator = body.makeAsyncIterator() }

        func next() async throws -> [UInt8]? {
            var iterator = iterator
            return try await iterator.next()
        }
    }
}

import Crypto
import Foundation

/// How git names a file's content.
package enum GitBlob {
    /// SHA-1 of `blob LENGTH`, a zero byte and the content, as 40 hexadecimal digits.
    package static func id(of content: Data) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: Data("blob \(content.count)\0".utf8))
        hash.update(data: content)
        return hash.finalize().hexadecimal
    }
}

import FledgeCore
import FledgeDocument

/// The rows of a snapshot that is to be stored, each made of its columns when it is asked for: as rows, all together would
/// be many times as large as the file.
package struct SnapshotRows: RandomAccessCollection, ExpressibleByArrayLiteral, Sendable {
    private enum Storage: Sendable {
        case listed([SnapshotRow])
        case columns(DatasetRows, RowGroups)
    }

    private let storage: Storage
    /// The split of each row that is kept, in order.
    private let splits: [DatasetSplit]
    /// The place in the columns of each row that is kept, in order.
    private let places: [Int32]
    /// For each row of the columns, the place of the row that its group is named after.
    private let representatives: [Int32]

    package init(_ rows: [SnapshotRow]) {
        storage = .listed(rows)
        splits = rows.map(\.split)
        places = []
        representatives = []
    }

    package init(arrayLiteral rows: SnapshotRow...) { self.init(rows) }

    /// - Parameter splits: of each row; nil for one that is left out.
    init(_ rows: DatasetRows, splits: [DatasetSplit?], groups: RowGroups) {
        storage = .columns(rows, groups)
        self.splits = splits.compactMap(\.self)
        places = splits.indices.lazy.filter { splits[$0] != nil }.map { Int32($0) }
        representatives = groups.representatives()
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { splits.count }

    package subscript(number: Int) -> SnapshotRow {
        switch storage {
        case .listed(let rows): return rows[number]
        case .columns(let rows, let groups):
            let place = Int(places[number])
            let row = rows[place]
            return SnapshotRow(
                row: row.row, split: splits[number], group: groups.name(ofRepresentative: representatives[place]),
                inputs: row.inputs, expected: row.expected, preference: row.preference, fields: row.fields)
        }
    }

    package func all(of split: DatasetSplit) -> [SnapshotRow] {
        indices.filter { splits[$0] == split }.map { self[$0] }
    }

    package func count(of split: DatasetSplit) -> Int { splits.count { $0 == split } }
}

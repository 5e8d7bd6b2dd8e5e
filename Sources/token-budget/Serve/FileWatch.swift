import Foundation

/// Notices that files have changed, by what the file system says of them.
struct FileWatch {
    /// Identifies one state of a file: another file in its place (also behind a link), or the same one written to.
    private struct Stamp: Hashable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var size: Int64 = 0
        var seconds = 0
        var nanoseconds = 0

        /// All zero for a file that is not there.
        init(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }
    }

    private let paths: [String]
    private var taken: [Stamp]
    private var last: [Stamp]

    /// What the files are now is known already.
    init(_ paths: [String]) {
        self.paths = paths
        taken = paths.map { Stamp($0) }
        last = taken
    }

    /// Whether the files are other than when this was last said, and not being written to: the same as at the look before.
    mutating func hasChanged() -> Bool {
        let now = paths.map { Stamp($0) }
        defer { last = now }
        guard now != taken, now == last else { return false }
        taken = now
        return true
    }
}

import BudgetHTTP
import Foundation

/// A keys file on disk.
enum KeysFile {
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// The file's text, whatever it says.
    static func read(_ path: String) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: AccessKey.maximumFile + 1) ?? Data()
        else { throw Refused(description: "\(path): cannot be read") }
        guard data.count <= AccessKey.maximumFile else {
            throw Refused(description: "\(path): is larger than \(AccessKey.maximumFile) bytes")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw Refused(description: "\(path): is not UTF-8") }
        return text
    }

    static func keys(_ path: String) throws -> [AccessKey] { try AccessKey.list(yaml: read(path), file: path) }

    /// Adds a key at the end; whoever reads meanwhile sees the old file or the new one. A new file is its owner's alone.
    /// - Throws: when the result would be no keys file; then nothing has changed.
    static func append(_ key: AccessKey, to path: String) throws {
        // Behind a link it is the file itself that is replaced, not the link.
        let file = realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        let target = URL(fileURLWithPath: file ?? path)
        // Two of these at once take turns; the directory stays the same while the file is replaced.
        let turn = open(target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard turn >= 0 else { throw Refused(description: "\(path): there is no such directory") }
        defer { close(turn) }
        flock(turn, LOCK_EX)
        var text = FileManager.default.fileExists(atPath: target.path) ? try read(target.path) : ""
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        text += key.line + "\n"
        do {
            _ = try AccessKey.list(yaml: text, file: path)
        } catch {
            throw Refused(description: "\(error)\nNothing was changed: the file must be a list with one \"- {...}\" a line.")
        }
        try replace(target.path, with: text)
    }

    private static func replace(_ path: String, with text: String) throws {
        var status = stat()
        let exists = stat(path, &status) == 0
        let fresh = "\(path).\(getpid()).new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Refused(description: "\(path): cannot be written: \(String(cString: strerror(errno)))") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            if exists {
                // Whoever could read the file still can; to give it away takes root, and who is not root owns it already.
                _ = fchown(descriptor, status.st_uid, status.st_gid)
                fchmod(descriptor, status.st_mode & 0o777)
            }
            try handle.synchronize()
            guard rename(fresh, path) == 0 else { throw Refused(description: "\(path): \(String(cString: strerror(errno)))") }
        } catch {
            unlink(fresh)
            throw error
        }
    }
}

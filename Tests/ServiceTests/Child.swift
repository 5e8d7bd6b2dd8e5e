import TestSupport
import Foundation
import Synchronization

/// A child process, looked after with waitpid alone. Foundation's `Process` believes that a child runs for as long as any of
/// its own children holds a descriptor it has inherited, and a killed service leaves such a child: its Redis.
final class Child: Sendable {
    let processID: pid_t
    private let ending = Mutex<Int32?>(nil)

    struct NotStarted: Error {
        let program: String
        let code: Int32
    }

    /// - Parameter environment: all of it; nothing is inherited.
    init(
        _ program: URL, _ arguments: [String], environment: [String: String], directory: URL, output: URL, errors: URL
    ) throws {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // Swift's import of spawn.h cannot change the directory; env can, and then becomes the program.
        let start = "/usr/bin/env"
        var words = ([start, "-C", directory.path, program.path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var child = pid_t()
        let code = posix_spawn(&child, start, &files, nil, &words, &variables)
        guard code == 0 else { throw NotStarted(program: program.path, code: code) }
        processID = child
    }

    /// nil while it runs; then its exit code, or 128 and the number of the signal that ended it.
    var exitCode: Int32? {
        ending.withLock { ending in
            var status: Int32 = 0
            if ending == nil, waitpid(processID, &status, WNOHANG) == processID {
                let signal = status & 0x7F
                ending = signal == 0 ? status >> 8 & 0xFF : 128 + signal
            }
            return ending
        }
    }

    func signal(_ number: Int32) {
        // Not to a number that another process may have by now.
        if exitCode == nil { kill(processID, number) }
    }
}

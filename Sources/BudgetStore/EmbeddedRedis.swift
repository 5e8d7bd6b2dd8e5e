import Glibc
package import Logging
import Synchronization

/// The service's own private redis-server: append-only file on, unix socket in the data directory, no TCP port.
///
/// It survives a killed service and is taken over by the next one; a lock on the directory keeps a second service away. It runs
/// in a session of its own, so Ctrl-C reaches the service only and the drain still has its Redis.
package final class EmbeddedRedis: Sendable {
    private let directory: String
    private let directoryDescriptor: Int32
    private let lock: Int32
    private let program: String
    private let logger: Logger
    private let process = Mutex<pid_t>(0)
    private let isStopping = Atomic(false)

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// How long a fresh redis-server may take to open its socket.
    private static let startLimit: Duration = .seconds(10)
    /// How long a stopping one may take to write its last data.
    private static let stopLimit: Duration = .seconds(20)
    /// glibc's POSIX_SPAWN_SETSID (spawn.h), which Swift's import leaves out.
    private static let newSession: Int16 = 0x80
    private static let supervision: Duration = .milliseconds(100)

    /// Starts a redis-server in `directory`, or takes over the one that a killed service left there.
    /// - Throws: ``Failure`` with what to do: no redis-server, a directory in use or not writable.
    package static func start(in directory: String, logger: Logger) async throws -> EmbeddedRedis {
        let redis = try EmbeddedRedis(directory, logger)
        try await redis.takeOverOrLaunch()
        redis.supervise()
        return redis
    }

    /// Never starts a second redis-server beside one that only does not answer: two would write one append-only file.
    private func takeOverOrLaunch() async throws {
        let deadline = ContinuousClock.now + Self.startLimit
        while true {
            switch look() {
            case .answers(let left):
                logger.notice("taking over the redis-server left running", metadata: ["pid": "\(left)"])
                return process.withLock { $0 = left }
            case .nobody: return try await launch()
            case .silent:
                guard ContinuousClock.now < deadline else {
                    throw Failure(description: "a redis-server holds \(directory) and does not answer; end it, or wait until it does")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private init(_ directory: String, _ logger: Logger) throws {
        self.logger = logger
        guard let program = Self.find("redis-server") else {
            throw Failure(
                description: "redis-server is not installed: run \"apt-get install redis-server\", or name a Redis with --redis-url")
        }
        self.program = program
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw Self.failure("cannot create \(directory)") }
        guard let path = realpath(directory, nil) else { throw Self.failure("cannot open \(directory)") }
        self.directory = String(cString: path)
        free(path)
        directoryDescriptor = open(self.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directoryDescriptor >= 0 else { throw Self.failure("cannot open \(directory)") }
        lock = open("\(self.directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw Self.failure("cannot write in \(directory)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "another token-budget uses the data directory \(directory); give this one its own with --data")
        }
    }

    deinit {
        close(lock)
        close(directoryDescriptor)
    }

    /// How this process reaches the socket: through the open directory, so that no path is too long for a socket address.
    package var address: StoreAddress { StoreAddress(unixSocket: socketPath) }
    private var socketPath: String { "/proc/self/fd/\(directoryDescriptor)/redis.sock" }

    // MARK: Life

    private func launch() async throws {
        unlink(socketPath)
        let child = try spawn()
        process.withLock { $0 = child }
        let deadline = ContinuousClock.now + Self.startLimit
        while !look().isAnswering {
            guard !hasEnded(child) else {
                throw Failure(description: "redis-server ended at once; see \(directory)/redis.log")
            }
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "redis-server does not open its socket; see \(directory)/redis.log")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func spawn() throws -> pid_t {
        // The socket's path is relative: redis-server goes to `dir` first, and long paths stay out of it.
        let words = [
            program, "--dir", directory, "--port", "0", "--unixsocket", "redis.sock", "--unixsocketperm", "700",
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
            "--daemonize", "no", "--logfile", "redis.log",
        ]
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The service blocks and ignores signals to wait for them; its child must hear them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0)
        }
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        Self.keepDescriptorsFromChildren()
        var child = pid_t()
        let error = posix_spawn(&child, program, &files, &attributes, &arguments, environ)
        guard error == 0 else { throw Failure(description: "cannot run \(program): \(String(cString: strerror(error)))") }
        return child
    }

    /// Nothing this process was given may stay open in the child: whoever waits for our end would wait for Redis', too.
    private static func keepDescriptorsFromChildren() {
        guard let folder = opendir("/proc/self/fd") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let descriptor = Int32(name), descriptor > STDERR_FILENO { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    /// Starts a redis-server anew when it dies without having been asked to.
    private func supervise() {
        Task { [weak self] in
            while let self, !self.isStopping.load(ordering: .relaxed) {
                let child = self.process.withLock { $0 }
                if self.hasEnded(child) {
                    self.logger.error("redis-server has ended; starting it again", metadata: ["pid": "\(child)"])
                    do { try await self.takeOverOrLaunch() } catch { self.logger.error("\(error)") }
                }
                try await Task.sleep(for: Self.supervision)
            }
        }
    }

    /// Asks redis-server to save and end, and waits until it has.
    package func stop() async {
        isStopping.store(true, ordering: .relaxed)
        let child = process.withLock { $0 }
        guard child > 0, kill(child, SIGTERM) == 0 else { return }
        let deadline = ContinuousClock.now + Self.stopLimit
        while !hasEnded(child) {
            guard ContinuousClock.now < deadline else {
                return logger.error("redis-server does not end; it is left running", metadata: ["pid": "\(child)"])
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func hasEnded(_ child: pid_t) -> Bool {
        var status: Int32 = 0
        let waited = waitpid(child, &status, WNOHANG)
        if waited == child { return true }
        return waited < 0 && hasEndedElsewhere(child)
    }

    /// For a redis-server that another process started: gone, or a zombie that nobody has buried.
    private func hasEndedElsewhere(_ child: pid_t) -> Bool {
        let file = open("/proc/\(child)/stat", O_RDONLY | O_CLOEXEC)
        // Anything but its absence says nothing: this process may just be out of descriptors.
        guard file >= 0 else { return errno == ENOENT || errno == ESRCH }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let text = String(decoding: bytes[..<max(0, read(file, &bytes, bytes.count))], as: UTF8.self)
        // `PID (NAME) STATE ...`; a name may hold anything, so the state is looked for behind its end.
        return text.split(separator: ")").last?.drop { $0 == " " }.first == "Z"
    }

    // MARK: Looking

    private enum Found {
        case answers(pid_t)
        /// Somebody holds the socket and says nothing: busy, frozen, or it cannot be told.
        case silent
        case nobody

        var isAnswering: Bool {
            if case .answers = self { true } else { false }
        }
    }

    /// Who is behind the socket. `INFO` is answered even while data loads.
    private func look() -> Found {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return .silent }
        defer { close(socket) }
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        guard Self.connect(socket, socketPath) else { return errno == ENOENT || errno == ECONNREFUSED ? .nobody : .silent }
        let question = Array("INFO server\r\n".utf8)
        guard write(socket, question, question.count) == question.count else { return .silent }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while answer.count < 64 << 10 {
            let count = read(socket, &chunk, chunk.count)
            guard count > 0 else { return .silent }
            answer += chunk[..<count]
            let lines = String(decoding: answer, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
            if let pid = lines.dropLast().first(where: { $0.hasPrefix("process_id:") }).flatMap({ pid_t($0.dropFirst(11)) }) {
                return .answers(pid)
            }
        }
        return .silent
    }

    private static func connect(_ socket: Int32, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            for (index, byte) in path.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private static func find(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private static func failure(_ what: String) -> Failure {
        Failure(description: "\(what): \(String(cString: strerror(errno)))")
    }
}

#include "detect/state_file.h"

#include <cerrno>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/messages/detect.h"
#include "base/system_reason.h"

namespace yagura::detect {
namespace {

constexpr size_t kMaxFileBytes = size_t{4} << 30;

Error cannot_write(const std::string& name) {
    return {Code::io, say(message::detect_state_cannot_write, name, system_reason(errno))};
}

Error cannot_read(const std::string& name) {
    return {Code::io, say(message::detect_state_cannot_read, name, system_reason(errno))};
}

Result<void> write_whole(int descriptor, std::string_view bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return cannot_write(name);
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    if (::fsync(descriptor) != 0) return cannot_write(name);
    return {};
}

Result<std::string> read_whole(int descriptor, const std::string& name) {
    std::string bytes;
    std::vector<char> piece(1 << 20);
    for (;;) {
        const ssize_t got = ::read(descriptor, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read(name);
        if (got == 0) return bytes;
        bytes.append(piece.data(), static_cast<size_t>(got));
        if (bytes.size() > kMaxFileBytes)
            return fail(Code::limit, say(message::detect_state_torn, name));
    }
}

}  // namespace

Result<void> write_state_file(const std::filesystem::path& path, std::string_view bytes) {
    const std::string name = path.string();
    const std::string temporary = name + ".new";
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return cannot_write(name);
    auto written = write_whole(descriptor, bytes, name);
    ::close(descriptor);
    if (written && ::rename(temporary.c_str(), name.c_str()) != 0) written = cannot_write(name);
    if (!written) ::unlink(temporary.c_str());
    return written;
}

Result<std::optional<std::string>> read_state_file(const std::filesystem::path& path) {
    const std::string name = path.string();
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) return std::optional<std::string>();
    if (descriptor < 0) return cannot_read(name);
    auto bytes = read_whole(descriptor, name);
    ::close(descriptor);
    if (!bytes) return bytes.error();
    return std::optional<std::string>(std::move(*bytes));
}

}  // namespace yagura::detect
